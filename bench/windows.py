"""What the traffic of a whole mesh costs a second, in processor time of this process.

python -m bench.windows [--quick]

Every service has a proxy, which reports each second five callers with three statuses each, how
long their calls took, and bytes. It is pure work; gRPC and OTLP come before it (bench.telemetry).
"""

import argparse
import gc
import os
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TypeVar

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import machine
from bench.servers import LOAD_CORE
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import CONNECT_PROXY, Instance, Proxy, Upstream
from meshcore.topology.graph import drawn
from meshcore.topology.live import Seen, live
from meshcore.traffic.histogram import BOUNDS_MS, BUCKETS
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Counted, Latency, Report, Throughput

T = TypeVar("T")

CALLERS = 5
STATUSES = ("200", "404", "503")
BEGIN_S = 1_790_000_000.0


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.windows", description=__doc__)
    options.add_argument("--quick", action="store_true", help="small: does it work at all")
    services, seconds = (50, 3) if options.parse_args().quick else (1_000, 30)
    os.sched_setaffinity(0, {LOAD_CORE})
    gc.disable()  # as the server has it (store/garbage.py)
    console, facts = Console(), machine()
    console.print(
        f"{facts.processor}, {facts.python}; load average {facts.load_average:.2f} before"
    )
    title = f"{services:,} proxies, {services * CALLERS:,} edges: CPU ms of each second"
    table = Table("work", "median", "worst", title=title, box=SIMPLE_HEAD)
    for work, spent in costs(services, seconds).items():
        table.add_row(work, f"{median(spent):.1f}", f"{max(spent):.1f}")
    console.print(table)


def costs(services: int, seconds: int) -> dict[str, list[float]]:
    reports = [report(number, services) for number in range(services)]
    drawing = drawn(mesh(services), default_allow=False)
    traffic = Traffic()
    spent: dict[str, list[float]] = {}
    for second in range(seconds):
        now_s = BEGIN_S + second
        cpu_ms(spent, f"take {services:,} reports", partial(take, traffic, reports, now_s=now_s))
        seen = cpu_ms(spent, "edges and vertices", partial(seen_now, traffic, now_s=now_s + 1))
        merge = partial(live, drawing, drawing.graph, seen, default_allow=False)
        graph = cpu_ms(spent, "put them on the graph, with health", merge)
        cpu_ms(spent, "encode the whole of it", partial(msgspec.json.encode, graph))
        if len(graph.edges) != services * CALLERS or not all(edge.rate for edge in graph.edges):
            raise SystemExit("wrong: edges without traffic")
    return spent


def cpu_ms(spent: dict[str, list[float]], work: str, act: Callable[[], T]) -> T:
    started = time.process_time()
    found = act()
    spent.setdefault(work, []).append((time.process_time() - started) * 1e3)
    return found


def take(traffic: Traffic, reports: list[Report], *, now_s: float) -> None:
    for number, each in enumerate(reports):
        traffic.take(each, now_s=now_s + number / len(reports))


def seen_now(traffic: Traffic, *, now_s: float) -> Seen:
    return Seen(traffic.edges(now_s=now_s), traffic.vertices(now_s=now_s))


def name(number: int) -> str:
    return f"service-{number:04}"


def callers(number: int, services: int) -> list[str]:
    return [name((number + step * 7 + 1) % services) for step in range(CALLERS)]


def report(number: int, services: int) -> Report:
    destination = name(number)
    sources = callers(number, services)
    return Report(
        service=destination,
        instance=("node-1", destination),
        interval_s=1.0,
        counted=tuple(calls(source, destination, code) for source in sources for code in STATUSES),
        latencies=tuple(
            Latency(source, destination, BOUNDS_MS, tuple(range(BUCKETS))) for source in sources
        ),
        throughputs=tuple(Throughput(source, destination, 9_000, 900, 3) for source in sources),
    )


def calls(source: str, destination: str, code: str) -> Counted:
    return Counted(
        source=source,
        destination=destination,
        protocol="http",
        code=code,
        flags="-",
        leaf=f"{source}>{destination}@7",
        is_denied=False,
        count=17,
    )


def mesh(services: int) -> Mesh:
    upstreams: dict[str, list[Upstream]] = {}
    for number in range(services):
        for caller in callers(number, services):
            upstreams.setdefault(caller, []).append(Upstream(destination_name=name(number)))
    instances = [instance for number in range(services) for instance in pair(number, upstreams)]
    changes = [Change(Topic.INSTANCE, each.key, before=None, after=each) for each in instances]
    return apply(Mesh(), changes, index=1)


def pair(number: int, upstreams: dict[str, list[Upstream]]) -> tuple[Instance, Instance]:
    service = name(number)
    proxy = Proxy(
        destination_service=service,
        destination_id=service,
        upstreams=tuple(upstreams.get(service, ())),
    )
    sidecar = Instance(
        node="node-1",
        id=f"{service}-sidecar-proxy",
        service=f"{service}-sidecar-proxy",
        kind=CONNECT_PROXY,
        proxy=proxy,
    )
    return Instance(node="node-1", id=service, service=service), sidecar


if __name__ == "__main__":
    main()
