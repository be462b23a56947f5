"""A request to the agent's own HTTP API, and what it is answered."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from meshcore.wire.errors import Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

LARGEST_BODY = 4 * 1024 * 1024
JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"
TRUE = ("", "1", "t", "true")
FALSE = ("0", "f", "false")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Its repr leaves out what may hold a secret."""

    method: str
    path: str
    suffix: str = ""  # what follows a route that ends in a slash
    target: str = ""  # path and query as they came
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    params: dict[str, str] = {}

    def of(self, suffix: str) -> "Request":
        return msgspec.structs.replace(self, suffix=suffix)

    def param(self, name: str) -> str:
        return self.params.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.params

    def flag(self, name: str, *, invalid: str) -> bool:
        """A boolean as Go reads it; there without a value means true."""
        if name not in self.params:
            return False
        value = self.params[name].lower()
        if value not in TRUE + FALSE:
            raise Refusal(400, invalid)
        return value in TRUE

    def header(self, name: bytes) -> str:
        return next((v.decode("latin-1") for k, v in self.headers if k == name), "")

    @property
    def secret(self) -> str:
        """The token that came along, in Consul's order of precedence; never to be logged."""
        given = self.param("token") or self.header(b"x-consul-token")
        if given:
            return given
        scheme, _, bearer = self.header(b"authorization").partition(" ")
        return bearer.strip() if scheme.lower() == "bearer" else ""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    body: bytes = b""
    status: int = 200
    content_type: bytes = JSON
    headers: tuple[Header, ...] = ()


def json_content(value: object, *, is_pretty: bool = False) -> Content:
    body = msgspec.json.encode(value)
    return Content(body=msgspec.json.format(body, indent=4) + b"\n" if is_pretty else body)


def refused(refusal: Refusal) -> Content:
    return Content(body=refusal.text.encode(), status=refusal.status, content_type=TEXT)


async def request_of(scope: Scope, receive: Receive) -> Request:
    params = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Request(
        method=scope["method"],
        path=scope["path"],
        target=_target(scope),
        headers=tuple((bytes(name), bytes(value)) for name, value in scope["headers"]),
        body=await _body(receive) if scope["method"] in ("PUT", "POST", "DELETE") else b"",
        params=dict(reversed(params)),  # the first of each counts
    )


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Refusal(413, f"Request body too large, max size: {LARGEST_BODY} bytes")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts)


async def send_content(send: Send, content: Content) -> None:
    length = str(len(content.body)).encode()
    headers = [
        (b"content-type", content.content_type),
        (b"content-length", length),
        *content.headers,
    ]
    await send({"type": "http.response.start", "status": content.status, "headers": headers})
    await send({"type": "http.response.body", "body": content.body})
