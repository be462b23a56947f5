"""What the three programs share: one GET handler behind uvicorn, and calls that fail in one way."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import httpx
import uvicorn

Scope = MutableMapping[str, Any]
Json = Any  # what json.loads returns
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Send], Awaitable[None]]


class Reply(NamedTuple):
    status: int
    content_type: str
    body: bytes


class CallError(Exception):
    """A call along the chain failed, with who called whom, so that the page can show the place."""

    def __init__(self, *, source: str, destination: str, reason: str) -> None:
        super().__init__(f"{source} → {destination}: {reason}")
        self.source = source
        self.destination = destination
        self.reason = reason


def json_reply(status: int, content: object) -> Reply:
    return Reply(status, "application/json", json.dumps(content).encode())


def failure(error: CallError) -> Reply:
    """Pass the failing call on to whoever called, in the form that `call` reads."""
    failed = {"source": error.source, "destination": error.destination, "reason": error.reason}
    return json_reply(502, {"failed": failed})


async def call(client: httpx.AsyncClient, url: str, *, source: str, destination: str) -> Json:
    try:
        answer = await client.get(url)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise CallError(source=source, destination=destination, reason=reason) from error
    if answer.is_success:
        return answer.json()
    if failed := from_further_down(answer):
        raise CallError(**failed)
    reason = f"{answer.status_code} {answer.text[:100]}"
    raise CallError(source=source, destination=destination, reason=reason)


def from_further_down(answer: httpx.Response) -> dict[str, str] | None:
    if answer.headers.get("content-type") != "application/json":
        return None
    failed: dict[str, str] | None = answer.json().get("failed")
    return failed


def client(*, timeout_s: float) -> httpx.AsyncClient:
    """Return a client that keeps connections alive and asks no proxy of the environment."""
    return httpx.AsyncClient(timeout=timeout_s, trust_env=False)


def app(path: str, answer: Callable[[], Awaitable[Reply]]) -> App:
    """Answer `path` with `answer()`, `/health` with ok, and all else with 404."""

    async def serve_one(scope: Scope, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == path:
            reply = await answer()
        elif scope["path"] == "/health":
            reply = Reply(200, "text/plain", b"ok\n")
        else:
            reply = Reply(404, "text/plain", b"not found\n")
        headers = [
            (b"content-type", reply.content_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    return serve_one


def serve(application: App) -> None:
    host, _, port = os.environ["LISTEN_ADDRESS"].rpartition(":")
    uvicorn.run(
        application,
        host=host,
        port=int(port),
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=3600,  # the sidecar closes idle connections; two who do lose requests
        timeout_graceful_shutdown=1,
    )
