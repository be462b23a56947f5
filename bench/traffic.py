"""What it costs that the graph moves: every edge has other numbers each second."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from datetime import datetime

import uvloop

from bench import browser
from bench.figures import Figure, run_of
from bench.listeners import PATIENCE_S, opened
from bench.pages import CALLS, Visitor, fill
from bench.servers import Server, running

DRAWS = json.dumps({"watch": "/ui/graph", "traffic": ""})
MADE_AT = re.compile(rb'"at":"([^"]+)","window_s"')
SETTLED_S = 12  # until the windows are full and the layout is made
WATCHED_S = 10


def figures(*, quick: bool) -> Iterator[Figure]:
    for services, sockets in ((20, 50),) if quick else ((100, 1_000), (1_000, 100)):
        with running(module="bench.carrying") as server:
            fill(server, services)
            visitor = Visitor(server)
            visitor.log_in()
            visitor.visit("/ui/graph/content")
            time.sleep(SETTLED_S)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                if sockets == 100:
                    yield runner.run(work(server, visitor, edges=services * CALLS))
                    yield from browser.moving(server, visitor, services=services)
                yield runner.run(told(server, visitor, sockets, edges=services * CALLS))


async def told(server: Server, visitor: Visitor, sockets: int, *, edges: int) -> Figure:
    """From the moment that a second's numbers are known until the last tab has them."""
    tabs = [await opened(server, visitor) for _ in range(sockets)]
    firsts = [tab.wait_for(b'"traffic"') for tab in tabs]
    for tab in tabs:
        tab.say(DRAWS)
    await asyncio.wait_for(asyncio.gather(*firsts), PATIENCE_S)
    found = []
    for _ in range(5):
        before, waiting = server.cpu_seconds(), [tab.wait_for(b'"traffic"') for tab in tabs]
        arrived = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE_S)
        match = MADE_AT.search(tabs[0].heard)
        assert match, "traffic says of when it is"
        made_at = datetime.fromisoformat(match[1].decode()).timestamp()
        size = len(tabs[0].heard) / 1024
        run = run_of(
            [at - made_at for at in arrived],
            value=None,
            wrong=0,
            server_cpu_s=server.cpu_seconds() - before,
            note=f"{size:.0f} KiB each",
        )
        found.append(run)
    for tab in tabs:
        tab.close()
    name = f"traffic of {edges:,} edges to {sockets:,} sockets"
    return Figure(name=name, unit="ms", runs=tuple(found))


async def work(server: Server, visitor: Visitor, *, edges: int) -> Figure:
    """What one tab that draws adds to the server's work in a second."""
    idle = await worked(server)
    tab = await opened(server, visitor)
    tab.say(DRAWS)
    await asyncio.wait_for(tab.wait_for(b'"traffic"'), PATIENCE_S)
    found = []
    for _ in range(3):
        more = (await worked(server) - idle) * 1e3
        found.append(browser.run(more))
    tab.close()
    return Figure(
        name=f"traffic of {edges:,} edges, built and told", unit="ms/s", runs=tuple(found)
    )


async def worked(server: Server) -> float:
    """Seconds of a core in a second."""
    before = server.cpu_seconds()
    await asyncio.sleep(WATCHED_S)
    return (server.cpu_seconds() - before) / WATCHED_S
