"""What one machine carries: a whole mesh at once; its memory, its start, what a change costs.

1,000 services with 10,000 instances, 5,000 simulated sidecars on their xDS streams and 10,000
blocking queries; with --long 172,000 instances, as in Consul's own benchmark of its global scale.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.figures import Figure, Run, run_of
from bench.intentions import deny, undo
from bench.load import drive, request_bytes, run_on_uvloop
from bench.options import main
from bench.servers import Server
from bench.streams import Swarm
from bench.watchers import Round, Watcher, connect

SETTLE_S = 3.0
ANSWER_TIMEOUT_S = 60.0
RUNS = 5
MIB = 2**20


class Size(msgspec.Struct, frozen=True, kw_only=True):
    services: int
    instances: int
    streams: int
    watchers: int


USUAL = Size(services=1000, instances=10_000, streams=5000, watchers=10_000)
LONG = msgspec.structs.replace(USUAL, instances=172_000)
QUICK = Size(services=20, instances=100, streams=20, watchers=50)


def measure(server: Server, options: argparse.Namespace) -> Iterator[Figure]:
    size = QUICK if options.quick else LONG if options.long else USUAL
    title = f"{size.services:,} services, {size.instances:,} instances"
    yield one(f"memory, {title}", "MiB", resident_mib(server), "empty")
    load(server, size)
    yield one(f"memory, {title}", "MiB", resident_mib(server), "loaded")
    yield one(f"start until ready, {title}", "ms", restarted_ms(server), "after SIGTERM")
    yield one(f"memory, {title}", "MiB", resident_mib(server), "started again")
    figures: list[Figure] = []

    async def with_all_connected() -> None:
        swarm = Swarm(server)
        began = time.perf_counter()
        await swarm.open([proxy_id(number) for number in range(size.streams)])
        note = f"{size.streams:,} streams ready after {time.perf_counter() - began:.1f} s"
        watchers = await parked(server, size)
        figures.append(one(f"memory, {title}", "MiB", resident_mib(server), f"all on; {note}"))
        runs = [await changed(server, size, watchers, turn=turn) for turn in range(RUNS)]
        name = f"one endpoint changes, last of {len(runs) and runs[0].answers} who wait for it"
        figures.append(Figure(name=name, unit="ms", runs=tuple(runs)))
        wildcard = []
        for _ in range(RUNS):
            wildcard.append(await swarm.measure(deny("*", "*")))
            await swarm.measure(undo("*", "*"))
        name = f"wildcard intention, last ACK of {size.streams:,} streams"
        figures.append(Figure(name=name, unit="ms", runs=tuple(wildcard)))
        swarm.close()
        for watcher in watchers:
            watcher.transport.close()

    run_on_uvloop(with_all_connected)
    yield from figures


def one(name: str, unit: str, value: float, note: str) -> Figure:
    run = Run(
        value=value,
        answers=1,
        wrong=0,
        server_cpu_s=0,
        p50_ms=0,
        p99_ms=0,
        worst_ms=0,
        note=note,
    )
    return Figure(name=f"{name}: {note}" if unit == "MiB" else name, unit=unit, runs=(run,))


def resident_mib(server: Server) -> float:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024 / MIB


def restarted_ms(server: Server) -> float:
    server.stop()
    began = time.perf_counter()
    server.start()
    return (time.perf_counter() - began) * 1e3


def service(number: int, size: Size) -> str:
    return f"service-{number % size.services:04}"


def proxy_id(number: int) -> str:
    return f"instance-{number:06}-sidecar-proxy"


def load(server: Server, size: Size) -> None:
    """Instances are spread over nodes by ten; the first ones have sidecars."""
    protocol = {"Kind": "proxy-defaults", "Name": "global", "Config": {"protocol": "http"}}
    server.must("PUT", "/v1/config", protocol)
    requests = [
        *(registered(instance(number, size)) for number in range(size.instances)),
        *(registered(sidecar(number, size)) for number in range(size.streams)),
    ]
    done = drive(server.http_port, requests, clients=64, expected=b"true")
    if len(done.acknowledged) != len(requests):
        raise SystemExit(f"{server.name}: registering failed: {done.wrong[:3]}")


def registered(body: dict[str, object]) -> tuple[str, bytes]:
    content = json.dumps(body).encode()
    return json.dumps(body["Service"]), request_bytes("PUT", "/v1/catalog/register", content)


def on_node(number: int, registration: dict[str, object]) -> dict[str, object]:
    node = number // 10
    address = f"10.{node >> 16 & 255}.{node >> 8 & 255}.{node & 255}"
    return {"Node": f"node-{node:05}", "Address": address, "Service": registration}


def instance(number: int, size: Size, *, port: int = 8080) -> dict[str, object]:
    told = {"ID": f"instance-{number:06}", "Service": service(number, size), "Port": port}
    return on_node(number, told)


def sidecar(number: int, size: Size) -> dict[str, object]:
    proxy = {
        "DestinationServiceName": service(number, size),
        "DestinationServiceID": f"instance-{number:06}",
        "LocalServicePort": 8080,
    }
    told = {
        "Kind": "connect-proxy",
        "ID": proxy_id(number),
        "Service": f"{service(number, size)}-sidecar-proxy",
        "Port": 20_000 + number % 10,
        "Proxy": proxy,
    }
    return on_node(number, told)


def question(number: int, size: Size, *, index: int) -> bytes:
    path = f"/v1/health/service/{service(number, size)}?index={index}&wait=600s"
    return request_bytes("GET", path)


async def parked(server: Server, size: Size) -> list[Watcher]:
    """Each waits for one service, and all services are waited for."""
    watchers = await connect(server.http_port, size.watchers)
    index = server.must("GET", "/v1/health/service/service-0000").index
    nobody = Round(waiting=0, done=asyncio.get_running_loop().create_future())
    for number, watcher in enumerate(watchers):
        watcher.watch(question(number, size, index=index), nobody)
        if number % 200 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(SETTLE_S)
    return watchers


async def changed(server: Server, size: Size, watchers: list[Watcher], *, turn: int) -> Run:
    """Another port of one instance: those who wait for its service are told, and nobody else."""
    concerned = [w for n, w in enumerate(watchers) if n % size.services == turn]
    answers = Round(waiting=len(concerned), done=asyncio.get_running_loop().create_future())
    for watcher in concerned:
        watcher.round = answers
    writer = (await connect(server.http_port, 1))[0]
    written = Round(waiting=1, done=asyncio.get_running_loop().create_future())
    body = json.dumps(instance(turn, size, port=9000 + turn)).encode()
    cpu_before, sent_at = server.cpu_seconds(), time.perf_counter()
    writer.watch(request_bytes("PUT", "/v1/catalog/register", body), written)
    await asyncio.wait_for(answers.done, ANSWER_TIMEOUT_S)
    await asyncio.wait_for(written.done, ANSWER_TIMEOUT_S)
    await asyncio.sleep(1)
    writer.transport.close()
    wrong = sum(f'"Port":{9000 + turn}'.encode() not in body for _, _, body in answers.answers)
    return run_of(
        [answered_at - sent_at for answered_at, _, _ in answers.answers],
        value=None,
        wrong=wrong,
        server_cpu_s=server.cpu_seconds() - cpu_before,
    )


if __name__ == "__main__":
    main("scale", measure)
