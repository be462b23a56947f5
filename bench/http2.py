"""Just enough HTTP/2 for one long gRPC stream per connection, with little work per message.

A general client (grpc.aio) costs more per message than the server that is measured; this one
reads frames, joins gRPC messages and writes them. It opens both flow-control windows wide at
the start and never again.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import cast

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK, END_STREAM, END_HEADERS, PADDED = 0x1, 0x1, 0x4, 0x8
STREAM = 1
WIDEST = 2**31 - 1
INITIAL_WINDOW = 65_535
SETTINGS_WIDE = struct.pack("!HIHI", 2, 0, 4, WIDEST)  # no server push; initial window


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    size = len(payload)
    return struct.pack("!BHBBI", size >> 16, size & 0xFFFF, kind, flags, stream) + payload


def request_headers(*, scheme: str, authority: str, path: str, token: str) -> bytes:
    """HPACK without tables or Huffman coding: indexed static fields and plain literals."""
    static_method_post, static_scheme = b"\x83", b"\x87" if scheme == "https" else b"\x86"
    return (
        static_method_post
        + static_scheme
        + literal(b"\x04", path)
        + literal(b"\x01", authority)
        + literal(b"\x0f\x10", "application/grpc")  # content-type, static index 31
        + b"\x00"
        + string("te")
        + string("trailers")
        + b"\x00"
        + string("x-consul-token")
        + string(token)
    )


def literal(name_index: bytes, value: str) -> bytes:
    return name_index + string(value)


def string(value: str) -> bytes:
    encoded = value.encode()
    if len(encoded) < 127:
        return bytes([len(encoded)]) + encoded
    rest = len(encoded) - 127
    return bytes([127, rest & 0x7F | 0x80, rest >> 7]) + encoded


class GrpcStream(asyncio.Protocol):
    """One bidirectional gRPC call; `received` gets each message, `lost` the reason when it ends."""

    def __init__(
        self, *, headers: bytes, received: Callable[[bytes], None], lost: Callable[[str], None]
    ) -> None:
        self.headers = headers
        self.received = received
        self.lost = lost
        self.frames = bytearray()
        self.messages = bytearray()
        self.connection_window = self.stream_window = INITIAL_WINDOW

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(
            PREFACE
            + frame(SETTINGS, 0, 0, SETTINGS_WIDE)
            + frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", WIDEST - INITIAL_WINDOW))
            + frame(HEADERS, END_HEADERS, STREAM, self.headers)
        )

    def send(self, *messages: bytes) -> None:
        payloads = [b"\0" + struct.pack("!I", len(message)) + message for message in messages]
        size = sum(map(len, payloads))
        self.connection_window -= size
        self.stream_window -= size
        if min(self.connection_window, self.stream_window) < 0:
            self.lost("the server takes nothing more: its flow-control window is used up")
            return
        self.transport.write(b"".join(frame(DATA, 0, STREAM, payload) for payload in payloads))

    def data_received(self, data: bytes) -> None:
        self.frames += data
        while len(self.frames) >= 9:
            size = int.from_bytes(self.frames[:3], "big")
            if len(self.frames) < 9 + size:
                return
            kind, flags = self.frames[3], self.frames[4]
            stream = int.from_bytes(self.frames[5:9], "big")
            payload = bytes(self.frames[9 : 9 + size])
            del self.frames[: 9 + size]
            self.take(kind, flags, stream, payload)

    def take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == DATA:
            self.take_data(payload[1 : len(payload) - payload[0]] if flags & PADDED else payload)
        elif kind == SETTINGS and not flags & ACK:
            self.take_settings(payload)
        elif kind == PING and not flags & ACK:
            self.transport.write(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE and stream == 0:
            self.connection_window += int.from_bytes(payload, "big")
        elif kind == WINDOW_UPDATE:
            self.stream_window += int.from_bytes(payload, "big")
        elif kind in (RST_STREAM, GOAWAY):
            self.lost(f"HTTP/2 frame {kind}: {payload!r}")
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            self.lost(f"the call has ended: {payload!r}")

    def take_settings(self, payload: bytes) -> None:
        for name, value in struct.iter_unpack("!HI", payload):
            if name == 4:
                self.stream_window += value - INITIAL_WINDOW
        self.transport.write(frame(SETTINGS, ACK, 0, b""))

    def take_data(self, data: bytes) -> None:
        self.messages += data
        while len(self.messages) >= 5:
            size = int.from_bytes(self.messages[1:5], "big")
            if len(self.messages) < 5 + size:
                return
            message = bytes(self.messages[5 : 5 + size])
            del self.messages[: 5 + size]
            self.received(message)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost(f"connection lost: {error}")
