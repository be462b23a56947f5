"""The dashboard: how soon a page is there, how soon a change is on it, and what a browser pays.

python -m bench.dashboard [--quick] [--only WORD] [--without-browser]
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from itertools import cycle
from statistics import median

import uvloop

from bench import browser, traffic
from bench.figures import Figure, Run, run_of
from bench.listeners import opened
from bench.options import main
from bench.pages import Visitor, fill, name
from bench.servers import Server, running

PAGES = (
    "/ui/",
    "/ui/graph",
    "/ui/services",
    f"/ui/services/{name(7)}",
    "/ui/nodes",
    "/ui/nodes/node-007",
    "/ui/intentions",
    f"/ui/intentions/edit?destination={name(7)}",
    "/ui/intentions/matrix",
    f"/ui/intentions/explain?source={name(1)}&destination={name(7)}",
    "/ui/certificates",
    "/ui/config",
    "/ui/access",
    "/ui/changes",
    "/ui/control-plane",
    "/api/graph",
)
STATUSES = cycle(("critical", "passing"))
PATIENCE_S = 30
LIVE = "/ui/services?q=service-0000"  # ten rows, of which one changes


def measure(server: Server, options: argparse.Namespace) -> Iterable[Figure]:
    quick, only = options.quick, options.only
    services = 100 if quick else 1_000
    fill(server, services)
    visitor = Visitor(server)
    visitor.log_in()
    for path in PAGES:
        if only in f"page {path}":
            yield page(server, visitor, path, runs=3 if quick else 20)
    for sockets in (50,) if quick else (100, 1_000):
        if only in f"one change to {sockets:,} sockets":
            yield fan_out(server, visitor, sockets, runs=3 if quick else 5)
    if only in "browser":
        yield from browser.figures(server, visitor, services=services)
    if only in "filter rows":
        yield filtering(rows=500 if quick else 10_000)
    if only in "traffic":
        yield from traffic.figures(quick=quick)
    if options.long and only in "browser, large":
        yield from large(5_000)


def page(server: Server, visitor: Visitor, path: str, *, runs: int) -> Figure:
    """Each run is the page after a change, so nothing that was rendered before can be sent."""
    found = []
    for _ in range(runs):
        change(server)
        before = server.cpu_seconds()
        visit = visitor.visit(path)
        wrong = int(visit.status != 200 or not visit.body)
        found.append(
            Run(
                value=visit.took_s * 1e3,
                answers=1,
                wrong=wrong,
                server_cpu_s=server.cpu_seconds() - before,
                p50_ms=visit.took_s * 1e3,
                p99_ms=visit.took_s * 1e3,
                worst_ms=visit.took_s * 1e3,
                note=f"{len(visit.body) / 1024:.0f} KiB",
            )
        )
    return Figure(name=f"page {path}", unit="ms", runs=tuple(found))


def change(server: Server) -> None:
    """Turn the check of one service, which every page about services shows."""
    status = next(STATUSES)
    server.must(
        "PUT",
        "/v1/catalog/register",
        {
            "Node": "node-001",
            "Address": "10.0.1.1",
            "SkipNodeUpdate": True,
            "Check": {
                "CheckID": "check-1",
                "Name": "alive",
                "Status": status,
                "ServiceID": f"{name(1)}-1",
            },
        },
    )


def filtering(*, rows: int) -> Figure:
    """A list as it is filtered while somebody types: its rows are there, the words are new."""
    with running() as server:
        fill(server, rows, with_sidecars=False)
        visitor = Visitor(server)
        visitor.log_in()
        visitor.visit("/ui/services")
        visits = [visitor.visit(f"/ui/services?q=service-{n:02}&fragment=1") for n in range(20)]
        wrong = sum(visit.status != 200 for visit in visits)
        latencies = [visit.took_s for visit in visits]
        run = run_of(latencies, value=median(latencies) * 1e3, wrong=wrong, server_cpu_s=0)
    return Figure(name=f"filter {rows:,} rows", unit="ms", runs=(run,))


def fan_out(server: Server, visitor: Visitor, sockets: int, *, runs: int) -> Figure:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = tuple(runner.run(fanned_out(server, visitor, sockets, runs=runs)))
    return Figure(name=f"one change to {sockets:,} sockets", unit="ms", runs=found)


async def fanned_out(server: Server, visitor: Visitor, sockets: int, *, runs: int) -> list[Run]:
    """From the moment the change is sent until the last tab has the row that it is on."""
    tabs = [await opened(server, visitor) for _ in range(sockets)]
    for tab in tabs:
        tab.say(json.dumps({"watch": LIVE}))
    await asyncio.gather(*(tab.wait_for(b'"version"') for tab in tabs))
    found = []
    for _ in range(runs):
        await asyncio.sleep(0.5)  # beyond what the hub gathers
        before, started = server.cpu_seconds(), time.time()
        waiting = [tab.wait_for(b"row-service-00001") for tab in tabs]
        await asyncio.to_thread(change, server)
        arrived = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)
        latencies = [at - started for at in arrived]
        found.append(
            run_of(latencies, value=None, wrong=0, server_cpu_s=server.cpu_seconds() - before)
        )
    for tab in tabs:
        tab.close()
    return found


def large(services: int) -> Iterator[Figure]:
    with running() as server:
        fill(server, services)
        visitor = Visitor(server)
        visitor.log_in()
        yield from browser.figures(server, visitor, services=services)


if __name__ == "__main__":
    main("dashboard", measure)
