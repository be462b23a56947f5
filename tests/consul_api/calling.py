"""Asks the application as an ASGI server would, without a socket."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from meshcore.consul_api.app import Api
from meshcore.consul_api.context import Context

Result = TypeVar("Result")


class Reply(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return msgspec.json.decode(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def index(self) -> int:
        return int(self.headers["x-consul-index"])


class Client:
    """Somebody who speaks with one server; `leave` hangs up."""

    def __init__(self, api: Api, *, address: str = "127.0.0.1") -> None:
        self.api = api
        self.address = address
        self.has_left = asyncio.Event()

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        *,
        sent_after: asyncio.Event | None = None,
    ) -> Reply | None:
        """The whole reply; None when nothing was sent. The body may come later than the headers."""
        path, _, query = target.partition("?")
        text = body if isinstance(body, bytes) else msgspec.json.encode(body) if body else b""
        messages = [{"type": "http.request", "body": text, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if sent_after is not None:
                await sent_after.wait()
            if messages:
                return messages.pop()
            await self.has_left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
            sent.append(dict(message))

        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": (self.address, 50000),
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        }
        await self.api(scope, receive, send)
        if not sent:
            return None
        start, end = sent
        names = {k.decode(): v.decode() for k, v in start["headers"]}
        assert int(names["content-length"]) == len(end["body"])
        return Reply(start["status"], names, end["body"])

    def leave(self) -> None:
        self.has_left.set()


class Consul:
    """The API of one server for tests that need no event loop of their own."""

    def __init__(self, runner: asyncio.Runner, api: Api) -> None:
        self.runner = runner
        self.api = api

    @property
    def context(self) -> Context:
        return self.api.context

    def client(self) -> Client:
        return Client(self.api)

    def run(self, work: Awaitable[Result]) -> Result:
        async def awaited() -> Result:
            return await work

        return self.runner.run(awaited())

    def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        reply = self.run(self.client().ask(method, target, body, headers))
        assert reply is not None
        return reply

    def get(self, target: str, **headers: str) -> Reply:
        return self.ask("GET", target, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def put(self, target: str, body: object = None) -> Reply:
        """A write that is to succeed."""
        reply = self.ask("PUT", target, body)
        assert reply.status == 200, reply.text
        return reply
