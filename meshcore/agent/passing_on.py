"""What is not this host's own is passed on to a server, and its answer as it comes."""

import asyncio
import logging
from collections.abc import Iterable

import httptools
from prometheus_client import Counter

from meshcore.agent.exchange import Asked, Header, Incoming
from meshcore.agent.requests import Receive, Request, Send
from meshcore.agent.servers import Servers
from meshcore.client.http import UnreachableError
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError
from meshcore.wire.errors import Refusal

logger = logging.getLogger(__name__)

PASSED_ON = Counter("tulle_agent_passed_on_requests", "Requests passed on to servers")
UNANSWERED = Counter("tulle_agent_unanswered_requests", "Those of them that no server answered")
BLOCKING = ("index", "hash")
DEFAULT_WAIT_S = 300.0
LONGEST_WAIT_S = 600.0
JITTER = 17 / 16
PATIENCE_S = 30.0
# Of one connection, or not for the servers: a cookie belongs to who has set it.
OWN_HEADERS = frozenset(
    (
        *(b"connection", b"content-length", b"cookie", b"expect", b"host", b"keep-alive"),
        *(b"proxy-authorization", b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
OWN_OF_ANSWERS = frozenset(
    (b"connection", b"date", b"keep-alive", b"set-cookie", b"transfer-encoding")
)


async def pass_on(
    request: Request, servers: Servers, receive: Receive, send: Send, *, default_token: str
) -> None:
    """End early when the client has gone: nobody waits for a blocking query that nobody reads."""
    passing = asyncio.ensure_future(_passed(request, servers, send, default_token=default_token))
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((passing, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not passing.done():
            passing.cancel()
        await asyncio.gather(gone, passing, return_exceptions=True)
    if not passing.cancelled():
        passing.result()


async def _passed(request: Request, servers: Servers, send: Send, *, default_token: str) -> None:
    incoming = await _answered(request, servers, default_token=default_token)
    try:
        headers = [header for header in incoming.headers if header[0] not in OWN_OF_ANSWERS]
        await send({"type": "http.response.start", "status": incoming.status, "headers": headers})
        try:
            async for part in incoming.parts():
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except (OSError, httptools.HttpParserError) as error:
            logger.warning("an answer broke off, and so does ours: %s", error)
            return
        await send({"type": "http.response.body", "body": b""})
    finally:
        incoming.close()


async def _answered(request: Request, servers: Servers, *, default_token: str) -> Incoming:
    PASSED_ON.inc()
    try:
        return await servers.answer(asked(request, default_token=default_token))
    except (UnreachableError, httptools.HttpParserError) as error:
        UNANSWERED.inc()
        raise Refusal(500, f"No known Consul servers: {error}") from None


def asked(request: Request, *, default_token: str) -> Asked:
    return Asked(
        method=request.method,
        target=request.target,
        headers=tuple(_headers(request, default_token)),
        body=request.body,
        timeout_s=_patience_s(request),
    )


def _headers(request: Request, default_token: str) -> Iterable[Header]:
    yield from (header for header in request.headers if header[0] not in OWN_HEADERS)
    if default_token and not request.secret:
        yield b"x-consul-token", default_token.encode("latin-1")


def _patience_s(request: Request) -> float:
    if not any(request.has(name) for name in BLOCKING):
        return PATIENCE_S
    try:
        wait_s = durations.parse(request.param("wait") or "0").total_seconds()
    except InvalidError:
        wait_s = 0.0  # the server says what is wrong with it
    return min(wait_s or DEFAULT_WAIT_S, LONGEST_WAIT_S) * JITTER + PATIENCE_S


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
