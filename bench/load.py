"""HTTP load from one process: keep-alive clients that ask, check the answer, and ask again."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import cast

import httptools
import msgspec
import uvloop

PATIENCE_S = 30.0
TOKEN = "8d5faa9a-1e83-4c4b-9e3d-2f6c1c5d7b10"  # may do everything


class Load(msgspec.Struct, kw_only=True):
    """What came of it; `acknowledged` holds the keys of the requests whose answer was right."""

    acknowledged: list[str] = []
    latencies_s: list[float] = []
    wrong: list[str] = []
    elapsed_s: float = 0.0


class Client(asyncio.Protocol):
    """One connection with one request under way, until all is asked or time is up."""

    def __init__(
        self, requests: Iterator[tuple[str, bytes]], *, until: float, expected: bytes, load: Load
    ) -> None:
        self.requests = requests
        self.until = until
        self.expected = expected
        self.load = load
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's has no such base class
        self.ask()

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        upcoming = next(self.requests, None) if self.asked_at < self.until else None
        if upcoming is None:
            self.key = ""
            self.transport.close()
            return
        self.key, request = upcoming
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.load.latencies_s.append(time.perf_counter() - self.asked_at)
        status = self.parser.get_status_code()
        if status == 200 and self.body.strip() == self.expected:
            self.load.acknowledged.append(self.key)
        else:
            self.load.wrong.append(f"{self.key}: {status} {self.body[:200]!r}")
        self.body = b""
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self.key:
            self.load.wrong.append(f"{self.key}: connection lost: {error}")
        if not self.done.done():
            self.done.set_result(None)


def request_bytes(method: str, path: str, body: bytes = b"", *, token: str = TOKEN) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nX-Consul-Token: {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def drive(
    port: int,
    requests: Iterable[tuple[str, bytes]],
    *,
    clients: int,
    expected: bytes,
    seconds: float = float("inf"),
) -> Load:
    """Ask all requests, or as many as fit into the time, over so many keep-alive connections."""
    load = Load()
    shared = iter(requests)

    async def all_clients() -> None:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        until = started + seconds

        def client() -> Client:
            return Client(shared, until=until, expected=expected, load=load)

        connected = [
            await loop.create_connection(client, "127.0.0.1", port) for _ in range(clients)
        ]
        ends = [protocol.done for _, protocol in connected]
        patience = None if seconds == float("inf") else seconds + PATIENCE_S
        _, unanswered = await asyncio.wait(ends, timeout=patience)
        load.wrong.extend("no answer" for _ in unanswered)
        load.elapsed_s = time.perf_counter() - started

    run_on_uvloop(all_clients)
    return load


def run_on_uvloop(main: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
