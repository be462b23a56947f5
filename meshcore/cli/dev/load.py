"""Steady traffic through the demo, so that there is something to see: its page, again and again."""

import asyncio
import time
from contextlib import suppress

import httpx
import msgspec

from meshcore.cli.dev.children import Tell

PAGES_A_SECOND = 20
AT_ONCE = 40  # beyond that the page is too slow to be asked more often
TOLD_EVERY_S = 30.0


class Counted(msgspec.Struct):
    """What was asked since the start."""

    asked: int = 0
    failed: int = 0
    skipped: int = 0  # because too many were under way


async def load(
    url: str, counted: Counted, *, tell: Tell, pages_a_second: float = PAGES_A_SECOND
) -> None:
    """Ask at a fixed rate, however fast the answers come, until it is cancelled."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with (
        httpx.AsyncClient(limits=limits, timeout=10, trust_env=False) as client,
        asyncio.TaskGroup() as asking,
    ):
        asking.create_task(telling(counted, tell=tell, pages_a_second=pages_a_second))
        under_way: set[asyncio.Task[None]] = set()
        next_s = time.monotonic()
        while True:
            next_s += 1 / pages_a_second
            if len(under_way) < AT_ONCE:
                task = asking.create_task(ask(client, url, counted))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            else:
                counted.skipped += 1
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))


async def ask(client: httpx.AsyncClient, url: str, counted: Counted) -> None:
    is_good = False
    with suppress(httpx.HTTPError):
        is_good = (await client.get(url)).is_success
    counted.asked += 1
    counted.failed += not is_good


async def telling(counted: Counted, *, tell: Tell, pages_a_second: float) -> None:
    tell("load", f"asks the page {pages_a_second:g} times a second")
    while True:
        await asyncio.sleep(TOLD_EVERY_S)
        tell("load", summary(counted))


def summary(counted: Counted) -> str:
    said = f"{counted.asked:,} pages asked, {counted.failed:,} of them failed"
    return f"{said}; {counted.skipped:,} not asked, it is too slow" if counted.skipped else said
