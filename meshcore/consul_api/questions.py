"""From a request to a question that can be asked again without being understood again."""

from collections.abc import Mapping

import msgspec

from meshcore.consul_api import authorization, blocking, requests
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Header, Request, Scope
from meshcore.consul_api.routes import Reading, Route, find
from meshcore.wire.errors import Refusal

# What says who asks, when and how to answer, but not what: such parameters do not part the kept
# answers.
NOT_WHAT = frozenset(
    ("index", "wait", "stale", "consistent", "cached", "max_stale", "token", "hash")
)

AnswerKey = tuple[object, ...]
Words = tuple[str, bytes, tuple[Header, ...]]  # path, query, headers


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A read, understood for its caller; `secret` says who that is when it is asked again."""

    request: Request
    secret: str
    reading: Reading
    key: AnswerKey
    index: int
    wait_s: float
    hash: str
    is_consistent: bool
    max_stale_s: float | None
    is_pretty: bool
    takes_gzip: bool

    def __repr__(self) -> str:
        return f"Question({self.request!r})"


def requested(
    context: Context, routes: Mapping[str, Route], scope: Scope, words: Words
) -> tuple[Request, Route]:
    """Find who is to answer whom; refuse what nobody does, and answer OPTIONS right away."""
    method, (path, query, headers) = scope["method"], words
    found = find(routes, path)
    if found is None:
        raise Refusal(404, _unknown_path(path))
    prefix, route = found
    method = "GET" if method == "HEAD" and route.reads else method
    allow = (b"allow", ",".join(("OPTIONS", *route.methods)).encode())
    if method == "OPTIONS":
        raise Refusal(200, "", (allow,))
    if method not in route.methods:
        raise Refusal(405, f"method {method} not allowed", (allow,))
    params = requests.parsed_params(query) if query else {}
    fields = dict(headers)
    request = Request(
        caller=context.callers.caller(secret_of(route, params, fields)),
        peer=scope["client"][0] if scope.get("client") else "",
        method=method,
        route=prefix,
        suffix=path[len(prefix) :],
        params=params,
        headers=fields,
    )
    return request, route


def secret_of(route: Route, params: Mapping[str, list[str]], headers: Mapping[bytes, bytes]) -> str:
    return "" if route.is_open else authorization.secret(params, headers)


def understood(context: Context, request: Request, route: Route) -> Question:
    assert route.reads is not None
    reading = route.reads(context, request)
    takes_gzip = b"gzip" in request.headers.get(b"accept-encoding", b"")
    return Question(
        request=request,
        secret=secret_of(route, request.params, request.headers),
        reading=reading,
        key=_key(request, reading, takes_gzip=takes_gzip),
        index=blocking.asked_index(request) if reading.is_blocking else 0,
        wait_s=blocking.asked_wait_s(
            request,
            default_s=blocking.MAX_WAIT_S if reading.is_hashed else blocking.DEFAULT_WAIT_S,
        ),
        hash=request.param("hash") if reading.is_hashed else "",
        is_consistent=request.has("consistent"),
        max_stale_s=blocking.asked_max_stale_s(request),
        is_pretty=request.has("pretty"),
        takes_gzip=takes_gzip,
    )


def _key(request: Request, reading: Reading, *, takes_gzip: bool) -> AnswerKey:
    scope = authorization.scope(request.caller, is_personal=reading.is_personal)
    what = sorted(
        (name, tuple(values)) for name, values in request.params.items() if name not in NOT_WHAT
    )
    accept = request.headers.get(b"accept", b"")
    return (scope, request.route, request.suffix, tuple(what), accept, takes_gzip)


def _unknown_path(path: str) -> str:
    if "/v1/" in path:
        return "Invalid URL path: not a recognized HTTP API endpoint"
    return "Invalid URL path: if attempting to use the HTTP API, ensure the path starts with '/v1/'"
