"""Answers as bytes, ready to be sent as often as they are asked for."""

import zlib

import msgspec

from meshcore.consul_api.requests import Header, Message, Send
from meshcore.wire.errors import Refusal

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
GZIP_FROM = 1400
GZIP_LEVEL = 1
GZIP_WBITS = 31
ENCODER = msgspec.json.Encoder()
EMPTY = b""
TRUE = b"true"
FALSE = b"false"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A body with what goes before it."""

    body: bytes
    status: int = 200
    content_type: bytes = JSON
    headers: tuple[Header, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """The two messages that ASGI wants, and the index at which they were true."""

    touched: int
    start: Message
    body: Message


def json_content(value: object, *, is_pretty: bool = False) -> Content:
    body = ENCODER.encode(value)
    if is_pretty:
        body = msgspec.json.format(body, indent=4) + b"\n"
    return Content(body=body)


def refused(refusal: Refusal) -> Content:
    return Content(
        body=refusal.text.encode(),
        status=refusal.status,
        content_type=TEXT,
        headers=refusal.headers,
    )


def answer(
    content: Content, *, touched: int, common: tuple[Header, ...], takes_gzip: bool
) -> Answer:
    body = content.body
    headers = [
        (b"content-type", content.content_type),
        (b"vary", b"Accept-Encoding"),
        *common,
        *content.headers,
    ]
    if takes_gzip and len(body) >= GZIP_FROM:
        packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WBITS)
        body = packer.compress(body) + packer.flush()
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    return Answer(
        touched,
        {"type": "http.response.start", "status": content.status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


async def send_answer(send: Send, ready: Answer) -> None:
    await send(ready.start)
    await send(ready.body)


async def send_content(send: Send, content: Content, common: tuple[Header, ...]) -> None:
    await send_answer(send, answer(content, touched=0, common=common, takes_gzip=False))
