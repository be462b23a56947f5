"""All that is under `/ui/`: the pages, the bundles, the live socket, and what holds for each."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from dashboard import assets
from dashboard.context import provided
from dashboard.live.consumer import Live

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
LIVE = "/ui/live"
# The rest is set by Django's own middleware.
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
WRONG_HOST = (
    "This server is not called {host}. Open it by localhost or its address, or say by which name"
    " browsers reach it: TULLE_EXTERNAL_URL=https://{host}\n"
)


def create(*, django: Application) -> Application:
    live = Live.as_asgi()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        host = host_in(scope)
        if scope["type"] == "websocket":
            await (live if scope["path"] == LIVE else refuse_socket)(scope, receive, send)
        elif not provided().hosts.are(host):
            await refuse(send, WRONG_HOST.format(host=host))
        elif scope["path"].startswith(assets.ROOT):
            await assets.application(scope, receive, with_headers(send))
        else:
            await django(scope, receive, with_headers(send))

    return application


def host_in(scope: Scope) -> str:
    found = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return str(found.decode("latin-1"))


def with_headers(send: Send) -> Send:
    async def sending(event: Mapping[str, Any]) -> None:
        if event["type"] == "http.response.start":
            event = {**event, "headers": [*event["headers"], *HEADERS]}
        await send(event)

    return sending


async def refuse_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def refuse(send: Send, sentence: str) -> None:
    headers = ((b"content-type", b"text/plain; charset=utf-8"), *HEADERS)
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
