"""What it costs a server to be told by 1,000 proxies what their Envoys count.

python -m bench.telemetry [--quick]

Each proxy has a connection and a token of its own, and reports each 5 s of five callers with three
statuses each, how long their calls took, and bytes: real OTLP by real gRPC over TLS. Then one of
them floods the server, with as much as it takes, while the others go on.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Iterator
from uuid import UUID, uuid5

import grpc
import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import machine
from bench.load import drive, request_bytes
from bench.servers import LOAD_CORE, Server, running
from meshcore.telemetry import otlp_pb2 as otlp
from meshcore.traffic.histogram import BOUNDS_MS

EXPORT = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
NODE = "node-1"
EVERY_S = 5.0
AT_ONCE = 4  # messages of the flood
CALLERS = 5
COUNTS = {"200": 50, "404": 7, "503": 3}  # of each caller in each report
MOST_SHARE = 0.30  # of a core
SECOND = 1_000_000_000
NAMESPACE = UUID("5d1a52e2-9c5b-4c52-9d10-6d1f2ffb3b58")


class Mesh(msgspec.Struct, frozen=True):
    """The server's, with as many services as there are proxies."""

    server: Server
    size: int
    trust_domain: str
    roots: bytes

    def spiffe(self, number: int) -> str:
        return f"spiffe://{self.trust_domain}/ns/default/dc/dc1/svc/{name(number % self.size)}"


class Measured(msgspec.Struct, kw_only=True):
    share: float
    sent: int = 0
    refused: int = 0
    answers_ms: list[float] = []


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.telemetry")
    options.add_argument("--quick", action="store_true", help="small: does it work at all")
    size, seconds = (50, 10.0) if options.parse_args().quick else (1_000, 30.0)
    os.sched_setaffinity(0, {LOAD_CORE})
    facts, console = machine(), Console()
    console.print(f"{facts.processor}; load average {facts.load_average:.2f} before")
    with running() as server:
        mesh = registered(server, size)
        table = Table("", "% of a core", "reports", "refused", "p50 ms", "p99 ms", box=SIMPLE_HEAD)
        found = asyncio.run(measured(mesh, seconds))
        for what, each in found.items():
            table.add_row(
                what,
                f"{each.share * 100:.1f}",
                f"{each.sent:,}",
                f"{each.refused:,}",
                *(f"{ms:.0f}" for ms in quantiles(each.answers_ms)),
            )
        console.print(table)
    reports = found["reports"]
    if reports.refused:
        raise SystemExit("wrong: reports were refused")
    if reports.share > MOST_SHARE:
        raise SystemExit(f"more than {MOST_SHARE:.0%} of a core")


def quantiles(answers_ms: list[float]) -> tuple[float, float]:
    ordered = sorted(answers_ms) or [0.0]
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


def name(number: int) -> str:
    return f"service-{number:04}"


def token(number: int) -> str:
    return str(uuid5(NAMESPACE, name(number)))


def registered(server: Server, size: int) -> Mesh:
    load = drive(server.http_port, registrations(size), clients=16, expected=b"true")
    if load.wrong:
        raise SystemExit(f"not registered: {load.wrong[0]}")
    for number in range(size):
        identity = {"ServiceIdentities": [{"ServiceName": name(number)}]}
        server.must("PUT", "/v1/acl/token", {"SecretID": token(number), **identity})
    roots = json.loads(server.must("GET", "/v1/connect/ca/roots").body)
    pems = "".join(root["RootCert"] for root in roots["Roots"])
    return Mesh(server, size, roots["TrustDomain"], pems.encode())


def registrations(size: int) -> Iterator[tuple[str, bytes]]:
    for number in range(size):
        service = name(number)
        proxy = {
            "Kind": "connect-proxy",
            "ID": f"{service}-sidecar-proxy",
            "Service": f"{service}-sidecar-proxy",
            "Port": 21000,
            "Proxy": {"DestinationServiceName": service, "DestinationServiceID": service},
        }
        body = {"Node": NODE, "Address": "127.0.0.1", "Service": proxy}
        yield service, request_bytes("PUT", "/v1/catalog/register", json.dumps(body).encode())


async def measured(mesh: Mesh, seconds: float) -> dict[str, Measured]:
    channels = [channel(mesh) for _ in range(mesh.size)]
    try:
        await asyncio.gather(*(each.channel_ready() for each in channels))
        return {
            "connected alone": await during(mesh, [], seconds),
            "reports": await with_counts(mesh, channels, seconds),
            "reports, and a flood": await flooded(mesh, channels, seconds),
        }
    finally:
        await asyncio.gather(*(each.close() for each in channels))


def channel(mesh: Mesh) -> grpc.aio.Channel:
    credentials = grpc.ssl_channel_credentials(root_certificates=mesh.roots)
    options = (
        ("grpc.ssl_target_name_override", f"server.dc1.{mesh.trust_domain}"),
        ("grpc.use_local_subchannel_pool", 1),  # each has a connection of its own
    )
    return grpc.aio.secure_channel(f"127.0.0.1:{mesh.server.xds_port}", credentials, options)


async def with_counts(mesh: Mesh, channels: list[grpc.aio.Channel], seconds: float) -> Measured:
    found = await during(mesh, channels, seconds)
    edges = json.loads(mesh.server.must("GET", "/api/graph").body)["edges"]
    seen = sum(each["rate"] or 0 for each in edges)
    told = found.sent * CALLERS * sum(COUNTS.values()) / seconds
    if len(edges) != mesh.size * CALLERS or abs(seen / told - 1) > 0.05:
        raise SystemExit(f"wrong: {len(edges)} edges, {seen:.0f} calls/s seen of {told:.0f}")
    return found


async def flooded(mesh: Mesh, channels: list[grpc.aio.Channel], seconds: float) -> Measured:
    """By messages nearly as large as the server reads, a few at a time."""
    message = export(mesh, 0, since=1, until=2, callers=400)
    sending = channels[0].unary_unary(EXPORT)

    async def flood() -> None:
        while True:
            await asyncio.gather(
                *(sending(message, metadata=metadata(0)) for _ in range(AT_ONCE)),
                return_exceptions=True,
            )

    flooding = asyncio.create_task(flood())
    try:
        return await during(mesh, channels[1:], seconds, first=1)
    finally:
        flooding.cancel()


async def during(
    mesh: Mesh, channels: list[grpc.aio.Channel], seconds: float, *, first: int = 0
) -> Measured:
    """Each reports once in five seconds, all of them evenly spread."""
    cpu_s, started = mesh.server.cpu_seconds(), time.perf_counter()
    found = Measured(share=0.0)
    await asyncio.gather(
        *(
            proxy(mesh, each, found, number=first + at, until=started + seconds, phase=at)
            for at, each in enumerate(channels)
        ),
        asyncio.sleep(seconds),
    )
    found.share = (mesh.server.cpu_seconds() - cpu_s) / (time.perf_counter() - started)
    return found


async def proxy(
    mesh: Mesh,
    to: grpc.aio.Channel,
    found: Measured,
    *,
    number: int,
    until: float,
    phase: int,
) -> None:
    sending = to.unary_unary(EXPORT)
    due = time.perf_counter() + EVERY_S * phase / mesh.size
    before = time.time_ns() + int((due - time.perf_counter() - EVERY_S) * SECOND)
    while due < until:
        await asyncio.sleep(due - time.perf_counter())
        asked, now = time.perf_counter(), time.time_ns()
        message = export(mesh, number, since=before, until=now)
        before = now
        try:
            await sending(message, metadata=metadata(number))
        except grpc.aio.AioRpcError:
            found.refused += 1
        found.sent += 1
        found.answers_ms.append((time.perf_counter() - asked) * 1e3)
        due += EVERY_S


def metadata(number: int) -> tuple[tuple[str, str], ...]:
    return (
        ("x-consul-token", token(number)),
        ("x-tulle-proxy", f"{name(number)}-sidecar-proxy"),
        ("x-tulle-node", NODE),
    )


def export(mesh: Mesh, number: int, *, since: int, until: int, callers: int = CALLERS) -> bytes:
    metrics = []
    for caller in range(1, callers + 1):
        source = {"source": mesh.spiffe(number + caller)}
        for code, count in COUNTS.items():
            decided = {"rule": "* > *", "result": "allowed", "flags": "-", "protocol": "http"}
            metrics.append(total("requests", count, source | {"code": code} | decided))
        metrics += [total("sent", 10_000, source), total("received", 10_000, source)]
        metrics.append(durations(source))
    for metric in metrics:
        for counted in metric.sum.data_points:
            counted.start_time_unix_nano, counted.time_unix_nano = since, until
        for timed in metric.histogram.data_points:
            timed.start_time_unix_nano, timed.time_unix_nano = since, until
    scope = otlp.ScopeMetrics(metrics=metrics)
    resource = otlp.ResourceMetrics(scope_metrics=[scope])
    return otlp.Export(resource_metrics=[resource]).SerializeToString()


def total(called: str, count: int, tags: dict[str, str]) -> otlp.Metric:
    point = otlp.Number(as_int=count, attributes=attributes(tags))
    summed = otlp.Sum(data_points=[point], aggregation_temporality=otlp.DELTA)
    return otlp.Metric(name=f"tulle.{called}", sum=summed)


def durations(tags: dict[str, str]) -> otlp.Metric:
    counts = [1] * len(BOUNDS_MS) + [0]
    point = otlp.Durations(
        explicit_bounds=BOUNDS_MS, bucket_counts=counts, attributes=attributes(tags)
    )
    found = otlp.Histogram(data_points=[point], aggregation_temporality=otlp.DELTA)
    return otlp.Metric(name="tulle.duration", histogram=found)


def attributes(tags: dict[str, str]) -> list[otlp.KeyValue]:
    return [
        otlp.KeyValue(key=key, value=otlp.AnyValue(string_value=value))
        for key, value in tags.items()
    ]


if __name__ == "__main__":
    main()
