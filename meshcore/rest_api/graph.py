"""The graph of services, and why a call between two of them is allowed or denied."""

import time
from functools import partial
from secrets import token_hex

from msgspec.structs import asdict
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.requests import joined
from meshcore.intentions.types import Request as Call
from meshcore.lib.errors import InvalidError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.rest_api import params
from meshcore.rest_api.answers import answer
from meshcore.rest_api.authentication import caller_of, require_any
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, number, text
from meshcore.rest_api.renderers import Dot, Html, Json, Svg
from meshcore.store.callers import Caller
from meshcore.topology import explain as why
from meshcore.topology.doubts import doubts
from meshcore.topology.explain import Explanation
from meshcore.topology.focus import around
from meshcore.topology.graph import WATCH_KEYS
from meshcore.topology.types import LiveGraph

MOST_HOPS = 20
EXPLAINED_BY = (watch.ALL_INTENTIONS, watch.CONFIG_ENTRIES, watch.INSTANCES)


# Versions of traffic count from one in each process; with a load balancer a caller has the answers
# of several.
PROCESS = token_hex(4)


@answering(
    LiveGraph,
    summary="Services as vertices, calls as edges with their verdicts and their traffic",
    parameters=(
        text("focus", "only what is around this service"),
        number("hops", "how many calls away from it; 1 unless told otherwise"),
        text("format", "what to answer with", choices=("json", "dot", "svg")),
    ),
)
@api_view(["GET"])
@renderer_classes([Json, Html, Dot, Svg])
def graph(request: Request) -> Response:
    """The mesh as a graph: services, who calls or may call whom, how much of it there is, and where
    everything stands."""
    require_any(request, RuleKind.SERVICE)
    focus = params.text(request, "focus")
    hops = params.number(request, "hops", default=1, least=0, most=MOST_HOPS)

    now_s = time.time()

    def make(mesh: Mesh, caller: Caller) -> LiveGraph:
        whole = provided().graphs.live(mesh, caller.authorizer, now_s=now_s)
        return around(whole, focus, hops=hops) if focus else whole

    return answer(request, WATCH_KEYS, make, beside=moment_of_traffic(now_s))


def moment_of_traffic(now_s: float) -> str:
    """Nothing where there is no traffic: an answer stays right until the mesh changes."""
    version = provided().traffic.version(now_s=now_s)
    return f"{PROCESS}-{version}" if version else ""


class Explained(Explanation, frozen=True, kw_only=True):
    """`doubts` say what keeps the verdict from being the whole truth."""

    index: int
    doubts: tuple[str, ...]


@answering(
    Explained,
    summary="Whether a call is allowed, why, and what would have to be otherwise",
    parameters=(
        text("source", "the service that calls", required=True),
        text("destination", "the service that is called", required=True),
        text("method", "the request's method; with any of these three it is about one request"),
        text("path", "the request's path"),
        text("header", "one of the request's headers, as Name:value; may be repeated"),
    ),
)
@api_view(["GET"])
def explain(request: Request) -> Response:
    """Without a request the verdict on intentions that look at requests is `conditional`."""
    source, destination = (params.required(request, name) for name in ("source", "destination"))
    require_either_end(caller_of(request), source, destination)
    call = call_in(request)

    def make(mesh: Mesh, caller: Caller) -> Explained:
        found = why.explain(
            mesh,
            source,
            destination,
            request=call,
            default_allow=provided().graphs.default_allow,
            may_read=Sight(caller.authorizer).intention,
        )
        may_see = partial(caller.may, RuleKind.SERVICE, Access.READ)
        said = doubts(mesh, source, destination, request=call, may_see=may_see)
        return Explained(**asdict(found), index=mesh.index, doubts=tuple(said))

    return answer(request, EXPLAINED_BY, make)


def require_either_end(caller: Caller, source: str, destination: str) -> None:
    """Who may read the intentions of one end may ask, so that each can find out what is wrong."""
    if not caller.may(RuleKind.INTENTION, Access.READ, source):
        caller.require(RuleKind.INTENTION, Access.READ, destination)


def call_in(request: Request) -> Call | None:
    given = [name for name in ("method", "path", "header") if name in request.query_params]
    if not given:
        return None
    return Call(
        method=params.text(request, "method").upper() or "GET",
        path=params.text(request, "path") or "/",
        headers=joined(header(each) for each in request.query_params.getlist("header")),
    )


def header(given: str) -> tuple[str, str]:
    name, colon, value = given.partition(":")
    if not (name.strip() and colon):
        raise InvalidError(f"{given} is no header: write Name:value")
    return name.strip(), value.strip()
