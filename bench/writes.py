"""Durable writes: how many a second, how long each takes, and whether an acknowledged one is lost.

Keep-alive clients write as fast as they are answered. After all runs the server is killed
(`kill -9`) and started again, and every acknowledged write is read back and compared.
"""

import argparse
import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator

import msgspec

from bench.figures import Figure, Run, run_of
from bench.load import drive, request_bytes
from bench.options import main
from bench.servers import Server

CLIENTS = (1, 64, 256)
RUNS = 5
SECONDS = 2.0
TOO_LONG_S = 30.0  # for all runs of one figure
SERVICES = 64  # registrations are spread over so many services
CATCH_UP_S = 30.0  # Consul's agent syncs its services to the catalog after it has answered


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of write: its requests, the right answer, and what of it a server still has."""

    name: str
    request: Callable[[int], bytes]
    expected: bytes
    kept: Callable[[Server], dict[int, object]]
    written: Callable[[int], object]


def node_request(number: int) -> bytes:
    """A new node with a service and a check of that service."""
    service = f"catalog-{number % SERVICES}"
    registration = {
        "Node": f"node-{number}",
        "Address": address(number),
        "Service": {"ID": f"{service}-{number}", "Service": service, "Port": 1 + number % 60_000},
        "Check": {
            "Node": f"node-{number}",
            "CheckID": f"check-{number}",
            "Name": "alive",
            "Status": "passing",
            "ServiceID": f"{service}-{number}",
        },
    }
    return request_bytes("PUT", "/v1/catalog/register", json.dumps(registration).encode())


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def node_written(number: int) -> object:
    return (
        address(number),
        f"catalog-{number % SERVICES}-{number}",
        1 + number % 60_000,
        "passing",
    )


def nodes_kept(server: Server) -> dict[int, object]:
    kept: dict[int, object] = {}
    for service in range(SERVICES):
        for found in json.loads(server.must("GET", f"/v1/health/service/catalog-{service}").body):
            check = next(c["Status"] for c in found["Checks"] if c["CheckID"].startswith("check-"))
            number = int(found["Node"]["Node"].removeprefix("node-"))
            instance = found["Service"]
            kept[number] = (found["Node"]["Address"], instance["ID"], instance["Port"], check)
    return kept


def sidecar_request(number: int) -> bytes:
    """A new instance on the server's own node, with the sidecar of it."""
    instance = {
        "ID": f"agent-{number}",
        "Name": f"agent-{number % SERVICES}",
        "Port": 1 + number % 60_000,
        "Connect": {"SidecarService": {"Port": 1 + (number + 7) % 60_000}},
    }
    return request_bytes("PUT", "/v1/agent/service/register", json.dumps(instance).encode())


def sidecar_written(number: int) -> object:
    return {
        f"agent-{number}": 1 + number % 60_000,
        f"agent-{number}-sidecar-proxy": 1 + (number + 7) % 60_000,
    }


def sidecars_kept(server: Server) -> dict[int, object]:
    ports: dict[int, dict[str, int]] = {}
    for identity, service in json.loads(server.must("GET", "/v1/agent/services").body).items():
        if identity.startswith("agent-"):
            ports.setdefault(int(identity.split("-")[1]), {})[identity] = service["Port"]
    return dict(ports)


def entry_request(number: int) -> bytes:
    entry = {"Kind": "service-defaults", "Name": f"entry-{number}", "Protocol": protocol(number)}
    return request_bytes("PUT", "/v1/config", json.dumps(entry).encode())


def protocol(number: int) -> str:
    return ("http", "tcp", "grpc", "http2")[number % 4]


def entries_kept(server: Server) -> dict[int, object]:
    entries = json.loads(server.must("GET", "/v1/config/service-defaults").body)
    return {
        int(entry["Name"].removeprefix("entry-")): entry["Protocol"]
        for entry in entries
        if entry["Name"].startswith("entry-")
    }


KINDS = (
    Kind(
        name="catalog/register (node, service, check)",
        request=node_request,
        expected=b"true",
        kept=nodes_kept,
        written=node_written,
    ),
    Kind(
        name="config (service-defaults)",
        request=entry_request,
        expected=b"true",
        kept=entries_kept,
        written=protocol,
    ),
    # Last, because Consul's agent goes on syncing to its catalog after it has answered.
    Kind(
        name="agent/service/register with sidecar",
        request=sidecar_request,
        expected=b"",
        kept=sidecars_kept,
        written=sidecar_written,
    ),
)


def measure(server: Server, options: argparse.Namespace) -> Iterator[Figure]:
    kinds = [kind for kind in KINDS if options.only in kind.name]
    acknowledged: dict[str, list[int]] = {kind.name: [] for kind in kinds}
    figures: list[Figure] = []
    for kind in kinds:
        numbers = itertools.count()
        for clients in CLIENTS:
            runs = []
            started = time.monotonic()
            for _ in range(1 if options.quick else RUNS):
                if time.monotonic() - started > TOO_LONG_S:
                    break  # the last requests of a run may be answered long after its end
                run, keys = one_run(server, kind, numbers, clients=clients, quick=options.quick)
                runs.append(run)
                acknowledged[kind.name] += keys
            name = f"{kind.name}, {clients} client{'s' * (clients > 1)}"
            figures.append(Figure(name=name, unit="writes/s", runs=tuple(runs)))
            yield figures[-1]
    server.stop(signal.SIGKILL)
    started = time.perf_counter()
    server.start()
    recovery_s = time.perf_counter() - started
    for kind in kinds:
        yield read_back(server, kind, acknowledged[kind.name], recovery_s=recovery_s)


def one_run(
    server: Server, kind: Kind, numbers: Iterator[int], *, clients: int, quick: bool
) -> tuple[Run, list[int]]:
    requests = ((str(number), kind.request(number)) for number in numbers)
    cpu_before = server.cpu_seconds()
    load = drive(
        server.http_port,
        requests,
        clients=clients,
        expected=kind.expected,
        seconds=SECONDS / 4 if quick else SECONDS,
    )
    run = run_of(
        load.latencies_s,
        value=len(load.acknowledged) / load.elapsed_s,
        wrong=len(load.wrong),
        server_cpu_s=server.cpu_seconds() - cpu_before,
        note=load.wrong[0] if load.wrong else "",
    )
    return run, [int(key) for key in load.acknowledged]


def read_back(server: Server, kind: Kind, acknowledged: list[int], *, recovery_s: float) -> Figure:
    """Lost is what was acknowledged and is not there, or is there with other content."""
    deadline = time.monotonic() + CATCH_UP_S
    lost = len(acknowledged)
    while lost and time.monotonic() < deadline:
        kept = kind.kept(server)
        lost = sum(kept.get(number) != kind.written(number) for number in acknowledged)
    note = f"of {len(acknowledged):,}; serves again {recovery_s:.1f} s after the kill"
    run = run_of([0.0], value=lost, wrong=lost, server_cpu_s=0.0, note=note)
    return Figure(name=f"{kind.name}, lost after kill -9", unit="writes", runs=(run,))


if __name__ == "__main__":
    main("writes", measure)
