"""A thousand open tabs that cost next to nothing: what they are told is not even parsed.

A client that decodes each message takes longer than the server that sends it, on the core beside.
"""

import asyncio
import base64
import os
import time
from typing import cast

from bench.pages import Visitor
from bench.servers import Server

PATIENCE_S = 30.0


class Listener(asyncio.Protocol):
    """Waits for a word in what comes, and knows when it had come with the whole of its message."""

    def __init__(self) -> None:
        self._waited: asyncio.Future[float] | None = None
        self._word = self._end = b""
        self._heard = bytearray()

    @property
    def heard(self) -> bytes:
        return bytes(self._heard)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, received: bytes) -> None:
        if self._waited is None:
            return
        self._heard += received
        if received.endswith(self._end) and self._word in self._heard:
            self._waited.set_result(time.time())
            self._waited = None

    def wait_for(self, word: bytes, *, end: bytes = b"}") -> asyncio.Future[float]:
        """The moment when a message with this word has come to its end."""
        self._word, self._end, self._heard = word, end, bytearray()
        self._waited = asyncio.get_running_loop().create_future()
        return self._waited

    def say(self, text: str) -> None:
        """As one masked frame, the mask being nothing."""
        body = text.encode()
        assert len(body) < 126, "no longer header is written here"
        self._transport.write(bytes((0x81, 0x80 | len(body))) + bytes(4) + body)

    def send(self, raw: bytes) -> None:
        self._transport.write(raw)

    def close(self) -> None:
        self._transport.abort()


async def opened(server: Server, visitor: Visitor) -> Listener:
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(Listener, "127.0.0.1", server.http_port)
    switched = listener.wait_for(b"101 Switching", end=b"\r\n\r\n")
    place = f"127.0.0.1:{server.http_port}"
    lines = (
        "GET /ui/live HTTP/1.1",
        f"Host: {place}",
        f"Origin: http://{place}",
        f"Cookie: {visitor.cookie}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    )
    listener.send(("\r\n".join(lines) + "\r\n\r\n").encode())
    await asyncio.wait_for(switched, PATIENCE_S)
    return listener
