"""What happens in the demo, one line each: intentions, sidecars, and whether the page works."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from html import unescape
from typing import Any

import httpx

from meshcore.cli.dev.children import Tell

WAIT_S = 60
PAUSE_S = 1.0
PAGE_PAUSE_S = 0.5
TRY_PAUSE_S = 0.05
WORKS = "works"

Pair = tuple[str, str]


def summary(intentions: Iterable[Mapping[str, Any]]) -> dict[Pair, str]:
    """Return what is said of each (source, destination)."""
    return {
        (one["SourceName"], one["DestinationName"]): one.get("Action") or "by request (L7)"
        for one in intentions
    }


def differences(before: Mapping[Pair, str], after: Mapping[Pair, str]) -> list[str]:
    gone = [f"{source} → {destination} deleted" for source, destination in before.keys() - after]
    written = [
        f"{source} → {destination} {action}"
        for (source, destination), action in after.items()
        if before.get((source, destination)) != action
    ]
    return sorted(gone) + sorted(written)


async def intentions(server: httpx.AsyncClient, *, tell: Tell) -> None:
    """Tell those that stand already, then each change, by blocking queries."""
    index = "0"
    known: dict[Pair, str] = {}
    while True:
        asked = {"index": index, "wait": f"{WAIT_S}s"}
        try:
            answer = await server.get("/v1/connect/intentions", params=asked, timeout=WAIT_S * 1.2)
            answer.raise_for_status()
        except httpx.HTTPError:
            index = "0"
            await asyncio.sleep(PAUSE_S)
            continue
        index = answer.headers.get("X-Consul-Index", "0")
        now = summary(answer.json() or [])
        for line in differences(known, now):
            tell("intention", line)
        known = now


async def sidecar(client: httpx.AsyncClient, *, name: str, admin_url: str, tell: Tell) -> None:
    """Tell when its Envoy has its config, and when it has gone."""
    was_ready = False
    while True:
        is_ready = await answers(client, f"{admin_url}/ready")
        if is_ready != was_ready:
            state = "connected, Envoy is ready" if is_ready else "Envoy is not ready any more"
            tell(name, f"{state} ({admin_url})")
        was_ready = is_ready
        await asyncio.sleep(PAUSE_S)


async def page(client: httpx.AsyncClient, *, url: str, tell: Tell) -> None:
    """Tell what it shows, now and at each change."""
    shown = ""
    while True:
        state = await page_state(client, url)
        if state != shown:
            tell("page", state)
        shown = state
        await asyncio.sleep(PAGE_PAUSE_S)


async def page_state(client: httpx.AsyncClient, url: str) -> str:
    """Return `works`, or what the page says instead."""
    try:
        answer = await client.get(url)
    except httpx.HTTPError:
        return "frontend does not answer"
    if answer.is_success:
        return WORKS
    told = re.search(r'role="alert">\s*<h2>.*?</h2>\s*<p>(.*?)</p>', answer.text, re.DOTALL)
    reason = unescape(re.sub(r"<[^>]*>", "", told[1])) if told else f"status {answer.status_code}"
    return f"Error :( {reason}"


async def page_works(client: httpx.AsyncClient, url: str) -> bool:
    return await page_state(client, url) == WORKS


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False


async def until(holds: Callable[[], Awaitable[bool]], *, within_s: float) -> None:
    """Ask again and again, of processes that can only be asked; raise TimeoutError at the end."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - no event reaches us from another process
            await asyncio.sleep(TRY_PAUSE_S)
