"""What slides over beside the picture: one service, one call, or the calls behind one line.

All of it is taken from the graph that the caller sees, so the panel never tells more than the
picture does.
"""

from datetime import timedelta
from functools import partial

import msgspec

from dashboard.node import instance_row
from dashboard.pages import Page, PageRequest
from dashboard.service import intention_row
from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.precedence import ordered
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.sight import Sight
from meshcore.topology.doubts import doubts
from meshcore.topology.explain import Explanation, explain
from meshcore.topology.graph import WATCH_KEYS
from meshcore.topology.services import own_instances
from meshcore.topology.types import LiveEdge, LiveGraph, LiveVertex

MOST_INSTANCES = 8
MOST_CALLS = 200
REFRESH = timedelta(seconds=5)  # of the health, which follows from traffic too


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """`other` is the end that the panel is not about; both where it is about neither."""

    edge: LiveEdge
    other: str

    @property
    def verdict(self) -> str:
        return shown_verdict(self.edge)


class Why(msgspec.Struct, frozen=True):
    found: Explanation
    doubts: tuple[str, ...]


def panel(request: PageRequest) -> Page:
    drawn = request.facts.graphs.live(
        request.mesh, request.caller.authorizer, now_s=request.now.timestamp()
    )
    params = request.params
    if service := params.get("service"):
        return of_service(request, drawn, service)
    source, destination = params.get("source"), params.get("destination")
    if source and destination:
        return of_call(request, drawn, source, destination)
    sources = end(drawn, source, params.get("source_group"))
    destinations = end(drawn, destination, params.get("destination_group"))
    return of_calls(drawn, sources, destinations)


class End(msgspec.Struct, frozen=True):
    """One service, or a group of them."""

    name: str
    services: frozenset[str]


def end(drawn: LiveGraph, service: str, group: str) -> End:
    if service:
        return End(service, frozenset({service}))
    if not group:
        raise InvalidError("name a service, or both ends of a call")
    members = frozenset(each.service for each in drawn.vertices if each.group == group)
    if not members:
        raise NotFoundError(f"no service is in a group {group}")
    return End(group, members)


def of_service(request: PageRequest, drawn: LiveGraph, service: str) -> Page:
    mesh, sight = request.mesh, Sight(request.caller.authorizer)
    vertex = vertex_of(drawn, service)
    seen = [each for each in own_instances(mesh.registry, service) if sight.node(each.node)]
    toward = [each for each in ordered(mesh.intentions.covering(service)) if sight.intention(each)]
    return Page(
        template="dashboard/graph/service.html",
        title=service,
        context={
            "vertex": vertex,
            "instances": [instance_row(mesh, each) for each in seen[:MOST_INSTANCES]],
            "more": len(seen) - MOST_INSTANCES,
            "callers": callers_of(drawn, service),
            "calls": calls_of(drawn, service),
            "toward": [intention_row(each) for each in toward],
            "may_write_intentions": may_write(request, service),
            "may_pin": request.caller.may(RuleKind.SERVICE, Access.WRITE, service),
        },
        watch_keys=WATCH_KEYS,
        is_filtered=sight.has_hidden,
        refresh=REFRESH,
    )


def of_call(request: PageRequest, drawn: LiveGraph, source: str, destination: str) -> Page:
    edge = edge_of(drawn, source, destination)
    ends = (vertex_of(drawn, source), vertex_of(drawn, destination))
    is_known = edge.verdict != "unknown"
    return Page(
        template="dashboard/graph/call.html",
        title=f"{source} → {destination}",
        context={
            "edge": edge,
            "verdict": shown_verdict(edge),
            "ends": ends,
            "protocol": ends[1].protocol,
            "why": why(request, source, destination) if is_known else None,
            "may_write": may_write(request, destination),
        },
        watch_keys=WATCH_KEYS,
        refresh=REFRESH,
    )


def of_calls(drawn: LiveGraph, sources: End, destinations: End) -> Page:
    found = [
        CallRow(edge=each, other="")
        for each in drawn.edges
        if each.source in sources.services and each.destination in destinations.services
    ]
    if not found:
        raise NotFoundError(f"nothing in {sources.name} calls anything in {destinations.name}")
    return Page(
        template="dashboard/graph/calls.html",
        title=f"{sources.name} → {destinations.name}",
        context={"rows": found[:MOST_CALLS], "more": len(found) - MOST_CALLS},
        watch_keys=WATCH_KEYS,
    )


def vertex_of(drawn: LiveGraph, service: str) -> LiveVertex:
    for each in drawn.vertices:
        if each.service == service:
            return each
    raise NotFoundError(f"no service {service} is in the graph")


def edge_of(drawn: LiveGraph, source: str, destination: str) -> LiveEdge:
    for each in drawn.edges:
        if each.key == (source, destination):
            return each
    raise NotFoundError(f"no call from {source} to {destination} is known")


def callers_of(drawn: LiveGraph, service: str) -> list[CallRow]:
    return [CallRow(edge=e, other=e.source) for e in drawn.edges if e.destination == service]


def calls_of(drawn: LiveGraph, service: str) -> list[CallRow]:
    return [CallRow(edge=e, other=e.destination) for e in drawn.edges if e.source == service]


def shown_verdict(edge: LiveEdge) -> str:
    return f"default-{edge.verdict}" if edge.by_default else edge.verdict


def why(request: PageRequest, source: str, destination: str) -> Why:
    caller, mesh = request.caller, request.mesh
    found = explain(
        mesh,
        source,
        destination,
        request=None,
        default_allow=request.facts.default_allow,
        may_read=Sight(caller.authorizer).intention,
    )
    may_see = partial(caller.may, RuleKind.SERVICE, Access.READ)
    return Why(found, tuple(doubts(mesh, source, destination, request=None, may_see=may_see)))


def may_write(request: PageRequest, destination: str) -> bool:
    return request.caller.may(RuleKind.INTENTION, Access.WRITE, destination)
