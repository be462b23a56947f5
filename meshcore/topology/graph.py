"""From a mesh to the graph of its services, and to the part of it that somebody may see.

Worked example: web's sidecar declares an upstream api, and an intention denies web -> db. That is
three vertices and two edges: web -> api, declared, with the verdict of whatever intention decides
it, and web -> db, which nobody declares.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from meshcore.config_entries.types import HTTP_PROTOCOLS
from meshcore.intentions.precedence import rank
from meshcore.intentions.types import WILDCARD, Intention
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.registry.types import CONNECT_PROXY, GATEWAY_KINDS
from meshcore.registry.view import Registry
from meshcore.topology.rules import Rules, rules, verdict
from meshcore.topology.services import Known, known
from meshcore.topology.types import Deciding, Edge, Graph, MaySee, Vertex

Pair = tuple[str, str]
G = TypeVar("G", bound=Graph)
E = TypeVar("E", bound=Edge)

# What a graph, with its places, is made of.
WATCH_KEYS = (
    watch.INSTANCES,
    watch.CHECKS,
    watch.CONFIG_ENTRIES,
    watch.ALL_INTENTIONS,
    watch.PLACES,
)


class Drawing(msgspec.Struct, frozen=True):
    """The whole graph of a mesh, with what makes the graph of the next mesh quick to draw."""

    index: int
    services: Mapping[str, Known]
    graph: Graph
    named: Rules
    pairs: frozenset[Pair]  # that have an edge


def graph(mesh: Mesh, *, default_allow: bool, may_see: MaySee, may_see_intentions: MaySee) -> Graph:
    """Return what one caller sees of the mesh; positions are `topology/placing.py`'s."""
    return visible(
        whole(mesh, default_allow=default_allow),
        may_see=may_see,
        may_see_intentions=may_see_intentions,
    )


def whole(mesh: Mesh, *, default_allow: bool) -> Graph:
    """Return all of the graph, for `visible` to leave out what a caller may not see."""
    return drawn(mesh, default_allow=default_allow).graph


def drawn(mesh: Mesh, *, default_allow: bool, former: Drawing | None = None) -> Drawing:
    """Of the `former` drawing, of an older mesh of the same store, services that nothing touched
    since are taken over."""
    services = known_services(mesh, former)
    named = rules(mesh.intentions)
    declared = set(declared_pairs(services))
    pairs = sorted(declared | set(named_pairs(named)))
    vertices = {name: each.vertex for name, each in services.items()}
    for name in set().union(*pairs).difference(vertices):
        vertices[name] = Vertex(service=name, protocol=mesh.config_entries.protocol(name))
    edges = tuple(
        edge(
            vertices[source],
            vertices[destination],
            named.deciding(source, destination),
            declared=(source, destination) in declared,
            default_allow=default_allow,
        )
        for source, destination in pairs
    )
    drawing = Graph(
        index=mesh.index,
        default_verdict="allow" if default_allow else "deny",
        groups=groups(vertices.values()),
        vertices=tuple(vertices[name] for name in sorted(vertices)),
        edges=edges,
    )
    return Drawing(mesh.index, services, drawing, named, frozenset(pairs))


def known_services(mesh: Mesh, former: Drawing | None) -> dict[str, Known]:
    """What is registered, and what a sidecar stands in front of before that is."""
    names = service_names(mesh.registry)
    if former is None or mesh.is_touched((watch.CONFIG_ENTRIES,), after=former.index):
        return {name: known(mesh, name) for name in names}
    return {
        name: before
        if (before := former.services.get(name))
        and not mesh.is_touched((watch.service(name), watch.destination(name)), after=former.index)
        else known(mesh, name)
        for name in names
    }


def service_names(registry: Registry) -> set[str]:
    names = {
        service
        for service, records in registry.by_service.items()
        if any(record.value.kind != CONNECT_PROXY for record in records.values())
    }
    return names.union(registry.by_destination)


def declared_pairs(services: Mapping[str, Known]) -> Iterator[Pair]:
    for name, each in services.items():
        for upstream in each.upstreams:
            yield name, upstream


def named_pairs(named: Rules) -> Iterator[Pair]:
    for destination, sources in named.by_destination.items():
        if destination != WILDCARD:
            yield from ((source, destination) for source in sources.exact)


def edge(
    source: Vertex,
    destination: Vertex,
    intention: Intention | None,
    *,
    declared: bool,
    default_allow: bool,
) -> Edge:
    is_http = destination.protocol in HTTP_PROTOCOLS
    said = verdict(intention, is_http=is_http, default_allow=default_allow)
    return Edge(
        source=source.service,
        destination=destination.service,
        verdict=said.verdict,
        by_default=said.by_default,
        intention=deciding(intention) if intention else None,
        reason=said.reason,
        declared=declared,
        mtls=speaks_mtls(source) and speaks_mtls(destination),
    )


def deciding(intention: Intention) -> Deciding:
    return Deciding(intention.source, intention.destination, rank(intention))


def speaks_mtls(end: Vertex) -> bool:
    return end.connected > 0 or end.kind in GATEWAY_KINDS


def groups(vertices: Iterable[Vertex]) -> tuple[str, ...]:
    return tuple(sorted({each.group for each in vertices}))


def visible(all_of_it: G, *, may_see: MaySee, may_see_intentions: MaySee) -> G:
    """Leave out the services that may not be seen, with all their edges, and count them."""
    vertices = tuple(each for each in all_of_it.vertices if may_see(each.service))
    if len(vertices) == len(all_of_it.vertices) and all(
        may_see_intentions(each.service) for each in vertices
    ):
        return all_of_it
    edges = visible_edges(all_of_it.edges, may_see=may_see, may_see_intentions=may_see_intentions)
    return replace(
        all_of_it,
        groups=groups(vertices),
        vertices=vertices,
        edges=tuple(edges),
        hidden=len(all_of_it.vertices) - len(vertices),
    )


def visible_edges(
    edges: Iterable[E], *, may_see: MaySee, may_see_intentions: MaySee
) -> Iterator[E]:
    """To know intentions is a right of its own, and to have it for either end will do.

    Without it an edge is there only if a proxy declares it or has seen it, and says nothing about
    its verdict.
    """
    for each in edges:
        if may_see(each.source) and may_see(each.destination):
            if may_see_intentions(each.source) or may_see_intentions(each.destination):
                yield each
            elif each.is_evident:
                yield without_verdict(each)


def without_verdict(edge: E) -> E:
    return replace(
        edge,
        verdict="unknown",
        by_default=False,
        intention=None,
        reason=f"your token may not read the intentions from {edge.source} to {edge.destination}",
    )
