"""All HTTP doors of the process behind one port, and what orchestrators ask of it."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application
from django.urls import resolve

from dashboard import asgi as dashboard
from meshcore.store.store import Store

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def create(*, consul_api: Application, store: Store) -> Application:
    """Django answers `/api` and pages alone: its handler is 40 times slower than a plain one."""
    handler = get_asgi_application()
    resolve("/ui/")  # loads all views now, which takes a second, and not with the first request

    async def django(scope: Scope, receive: Receive, send: Send) -> None:
        await handler(dict(scope), receive, send)

    pages = dashboard.create(django=django)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/ui/") or scope["type"] == "websocket":
            await pages(scope, receive, send)
        elif path.startswith("/v1/"):
            await consul_api(scope, receive, send)
        elif path.startswith("/api/"):
            await django(scope, receive, send)
        elif path == "/livez":
            await _answer(send, 200, "alive\n")
        elif path == "/readyz":
            status, text = (503, f"{store.trouble}\n") if store.trouble else (200, "ready\n")
            await _answer(send, status, text)
        elif path in ("/", "/ui"):
            await _answer(send, 301, "", headers=[(b"location", b"/ui/")])
        else:
            await consul_api(scope, receive, send)

    return application


async def _answer(
    send: Send, status: int, text: str, *, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    plain = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send(
        {"type": "http.response.start", "status": status, "headers": plain + (headers or [])}
    )
    await send({"type": "http.response.body", "body": text.encode()})
