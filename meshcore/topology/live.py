"""The graph with the traffic on it, and the health that follows from both.

The structure is drawn when the mesh changes, the traffic is put on it when somebody looks. An edge
that is seen, and that neither a proxy declares nor an intention names, is added; one whose ends are
not in the graph is not: a service that is gone takes its edges with it.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from meshcore.topology.graph import Drawing, edge
from meshcore.topology.types import Edge, Graph, LiveEdge, LiveGraph, LiveVertex, Vertex
from meshcore.traffic.health import Judged, judged
from meshcore.traffic.types import NO_TRAFFIC, EdgeTraffic, Pair

# What is known of calls that nobody makes, where the destination's proxies report.
SILENT = EdgeTraffic(rate=0.0, bytes_per_s=0.0, denied_rate=0.0)


class Seen(msgspec.Struct, frozen=True):
    """All the traffic at one moment (traffic/live.py)."""

    edges: Mapping[Pair, EdgeTraffic] = {}
    vertices: Mapping[str, EdgeTraffic] = {}


def live(drawing: Drawing, placed: Graph, seen: Seen, *, default_allow: bool) -> LiveGraph:
    """`placed` is the drawing's graph, with everything where it stands."""
    vertices = {each.service: each for each in placed.vertices}
    edges = [*placed.edges, *undeclared(drawing, vertices, seen, default_allow=default_allow)]
    if len(edges) > len(placed.edges):
        edges.sort(key=lambda each: each.key)
    return LiveGraph(
        index=placed.index,
        default_verdict=placed.default_verdict,
        groups=placed.groups,
        vertices=tuple(live_vertex(each, seen) for each in placed.vertices),
        edges=tuple(live_edge(each, vertices[each.destination], seen) for each in edges),
        hidden=placed.hidden,
    )


def undeclared(
    drawing: Drawing, vertices: Mapping[str, Vertex], seen: Seen, *, default_allow: bool
) -> Iterator[Edge]:
    for source, destination in seen.edges.keys() - drawing.pairs:
        if source in vertices and destination in vertices:
            yield edge(
                vertices[source],
                vertices[destination],
                drawing.named.deciding(source, destination),
                declared=False,
                default_allow=default_allow,
            )


def live_vertex(vertex: Vertex, seen: Seen) -> LiveVertex:
    traffic = seen.vertices.get(vertex.service)
    found = judged(by_checks(vertex), traffic)
    shown = traffic or NO_TRAFFIC
    return LiveVertex(
        **{name: getattr(vertex, name) for name in VERTEX_FIELDS},
        health=found.health,
        health_reason=found.reason,
        rate=shown.rate,
        error_ratio=shown.error_ratio,
        p50_ms=shown.p50_ms,
        p95_ms=shown.p95_ms,
        p99_ms=shown.p99_ms,
        denied_rate=shown.denied_rate,
        seen_at=shown.seen_at,
        is_stale=shown.is_stale,
    )


def live_edge(edge: Edge, destination: Vertex, seen: Seen) -> LiveEdge:
    traffic = seen.edges.get(edge.key)
    found = judged(down(destination), traffic)
    shown = traffic or silent(seen.vertices.get(edge.destination))
    return LiveEdge(
        source=edge.source,
        destination=edge.destination,
        verdict=edge.verdict,
        by_default=edge.by_default,
        intention=edge.intention,
        reason=edge.reason,
        declared=edge.declared,
        mtls=edge.mtls,
        health=found.health,
        health_reason=found.reason,
        rate=shown.rate,
        error_ratio=shown.error_ratio,
        p50_ms=shown.p50_ms,
        p95_ms=shown.p95_ms,
        p99_ms=shown.p99_ms,
        bytes_per_s=shown.bytes_per_s,
        denied_rate=shown.denied_rate,
        connections=shown.connections,
        seen_at=shown.seen_at,
        is_stale=shown.is_stale,
        observed=traffic is not None,
    )


def silent(inbound: EdgeTraffic | None) -> EdgeTraffic:
    return SILENT if inbound and inbound.rate is not None and not inbound.is_stale else NO_TRAFFIC


VERTEX_FIELDS = tuple(name for name in Vertex.__struct_fields__ if name != "health")
UNKNOWN = Judged("unknown", "")


def by_checks(vertex: Vertex) -> Judged:
    return Judged(
        vertex.health,
        said(vertex.health, vertex.instances, getattr(vertex, vertex.health, 0)),
    )


@lru_cache(maxsize=1024)
def said(health: str, instances: int, so: int) -> str:
    """Say what the checks of so many instances say, of which `so` many are as the worst."""
    if health == "unknown":
        return "nobody registered it"
    if health == "passing":
        return "all checks are passing"
    if instances == 1:
        return f"its instance is {health}"
    return f"{so} of {instances} instances {'is' if so == 1 else 'are'} {health}"


def down(destination: Vertex) -> Judged:
    """What its destination's checks say of an edge: it matters only that no instance is left."""
    if destination.instances and destination.critical == destination.instances:
        return Judged("critical", f"no instance of {destination.service} passes its checks")
    return UNKNOWN
