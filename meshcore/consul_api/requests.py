"""A request as the endpoints see it, and the query parameters that all of them share."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from meshcore.store.callers import Caller
from meshcore.wire.errors import Refusal

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

MAX_BODY = 4 * 1024 * 1024
MAX_TARGET = 16 * 1024
RELEVANT = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"authorization",
        b"x-consul-namespace",
        b"x-consul-partition",
        b"x-consul-token",
    )
)
TRUE = ("", "1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")
ENTERPRISE = {"ns": "Namespaces are a", "partition": "Partitions are a"}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and by whom; its repr leaves out what may hold a secret."""

    caller: Caller
    peer: str = ""  # the address at the other end of the connection
    method: str
    route: str  # the path as the table of routes has it
    suffix: str = ""  # what follows a route that ends in a slash
    params: dict[str, list[str]] = {}
    headers: dict[bytes, bytes] = {}
    body: bytes = b""

    @property
    def client(self) -> str:
        """Whose request it counts as."""
        if self.caller.has_token:
            return f"token {self.caller.accessor_id}"
        return f"address {self.peer}" if self.peer else "this socket"

    def param(self, name: str) -> str:
        values = self.params.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        return self.params.get(name, [])

    def has(self, name: str) -> bool:
        return name in self.params

    def flag(self, name: str, *, invalid: str) -> bool:
        """A boolean as Go reads it; there without a value means true."""
        if name not in self.params:
            return False
        value = self.param(name)
        if value not in TRUE + FALSE:
            raise Refusal(400, invalid)
        return value in TRUE

    @property
    def node_meta(self) -> dict[str, str]:
        pairs = (pair.partition(":") for pair in self.all("node-meta"))
        return {key: value for key, _, value in pairs}

    def __repr__(self) -> str:
        return f"Request({self.method} {self.route}{self.suffix})"


def relevant(headers: Iterable[Header]) -> tuple[Header, ...]:
    """The headers on which an answer can depend."""
    return tuple(header for header in headers if header[0] in RELEVANT)


def parsed_params(query: bytes) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        params.setdefault(name, []).append(value)
    return params


def check_shared(request: Request, *, datacenter: str) -> None:
    """Refuse what no endpoint takes: other datacenters, Enterprise's scopes, contradictions."""
    for name, plural in ENTERPRISE.items():
        long = "namespace" if name == "ns" else name
        if request.param(name) not in ("", "default") or request.headers.get(
            f"x-consul-{long}".encode(), b""
        ):
            raise Refusal(
                400, f'Invalid query parameter: "{name}" - {plural} Consul Enterprise feature'
            )
    wanted = request.param("datacenter") or request.param("dc")
    if wanted and wanted != datacenter:
        raise Refusal(500, "No path to datacenter")
    if request.has("consistent"):
        for other in ("stale", "cached"):
            if request.has(other):
                raise Refusal(
                    400, f"Cannot specify ?{other} with ?consistent, conflicting semantics."
                )


def check_target(scope: Scope) -> None:
    target = scope["raw_path"] if scope.get("raw_path") else scope["path"].encode()
    if len(target) + len(scope["query_string"]) > MAX_TARGET:
        raise Refusal(414, "URI too long")
    if not scope["path"].isprintable():
        raise Refusal(400, "Bad Request: the URL path contains non-printable characters")


async def body_of(receive: Receive, *, most: int = MAX_BODY) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return _bounded(body, most)
    parts = [body]
    size = len(body)
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            break
    return _bounded(b"".join(parts), most)


def _bounded(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise Refusal(413, f"Request body too large, max size: {most} bytes")
    return body
