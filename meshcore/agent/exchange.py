"""One HTTP request on a connection, its answer read as it comes."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

import httptools
import msgspec

from meshcore.client.address import Address

Header = tuple[bytes, bytes]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CONNECT_S = 3.0
READ_SIZE = 64 * 1024
BODILESS = (204, 304)


class BrokenOffError(OSError):
    """The server hung up before its answer was whole."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked; `target` is the path with its query, as it goes over the wire."""

    method: str
    target: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    timeout_s: float = 30.0  # until the answer begins, and between its parts

    def __repr__(self) -> str:
        return f"Asked({self.method})"  # a target or a header may hold a token


class Incoming:
    """An answer; whoever has it closes it."""

    def __init__(self, streams: Streams, asked: Asked, *, keep: Callable[[Streams], None]) -> None:
        self.status = 0
        self.headers: list[Header] = []
        self._streams, self._asked, self._keep = streams, asked, keep
        self._is_reusable = False
        self._parser = httptools.HttpResponseParser(self)
        self._parts: deque[bytes] = deque()
        self._is_begun = self._is_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._is_begun = self.status >= 200
        if not self._is_begun:
            self.headers.clear()
        self._is_complete |= self._asked.method == "HEAD" or self.status in BODILESS

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self._is_complete |= self._is_begun
        self._is_reusable = self._is_begun and self._parser.should_keep_alive()

    async def begun(self) -> None:
        while not self._is_begun:
            await self._read()

    async def parts(self) -> AsyncIterator[bytes]:
        while True:
            while self._parts:
                yield self._parts.popleft()
            if self._is_complete:
                return
            await self._read()

    async def whole(self) -> bytes:
        return b"".join([part async for part in self.parts()])

    async def _read(self) -> None:
        async with asyncio.timeout(self._asked.timeout_s):
            part = await self._streams[0].read(READ_SIZE)
        if part:
            self._parser.feed_data(part)
            return
        if not self._is_begun or self._has_length():
            raise BrokenOffError("the answer broke off")
        self._is_complete = True  # an answer of no known length ends with its connection

    def _has_length(self) -> bool:
        return any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)

    def close(self) -> None:
        """Once; a connection that may be used again is kept for the next request."""
        if self._is_reusable:
            self._is_reusable = False
            self._keep(self._streams)
            return
        hang_up(self._streams)


def hang_up(streams: Streams) -> None:
    with suppress(OSError, RuntimeError):
        streams[1].close()


async def connected(place: Address, tls: ssl.SSLContext | None) -> Streams:
    async with asyncio.timeout(CONNECT_S):
        if place.socket:
            return await asyncio.open_unix_connection(place.socket)
        return await asyncio.open_connection(
            place.host, place.port, ssl=tls if place.is_tls else None
        )


async def sent(
    place: Address, asked: Asked, streams: Streams, *, keep: Callable[[Streams], None] = hang_up
) -> Incoming:
    """The answer, once its head is there."""
    incoming = Incoming(streams, asked, keep=keep)
    try:
        streams[1].write(head(place, asked) + asked.body)
        await streams[1].drain()
        await incoming.begun()
    except BaseException:
        incoming.close()
        raise
    return incoming


def head(place: Address, asked: Asked) -> bytes:
    host = f"[{place.host}]" if ":" in place.host else place.host
    lines = [
        f"{asked.method} {place.prefix}{asked.target} HTTP/1.1".encode("latin-1"),
        f"Host: {host}:{place.port}".encode(),
        *(name + b": " + value for name, value in asked.headers),
    ]
    if asked.body or asked.method in ("PUT", "POST"):
        lines.append(b"Content-Length: " + str(len(asked.body)).encode())
    if _has_line_break(lines):
        raise ValueError("line breaks have no place in a request's head")
    return b"\r\n".join([*lines, b"", b""])


def _has_line_break(lines: Iterable[bytes]) -> bool:
    return any(b"\r" in line or b"\n" in line for line in lines)
