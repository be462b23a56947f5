"""From a mesh to the graph of its services, and to the part of it that somebody may see."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from meshcore.config_entries.types import HTTP_PROTOCOLS
from meshcore.intentions.precedence import rank
from meshcore.intentions.types import WILDCARD, Intention
from meshcore.mesh.types import Mesh
from meshcore.registry.types import CONNECT_PROXY, GATEWAY_KINDS
from meshcore.registry.view import Registry
from meshcore.topology.rules import Rules, rules, verdict
from meshcore.topology.services import vertex
from meshcore.topology.types import Deciding, Edge, Graph, MaySee, Vertex

Pair = tuple[str, str]


def graph(mesh: Mesh, *, default_allow: bool, may_see: MaySee, may_see_intentions: MaySee) -> Graph:
    """Return what one caller sees of the mesh; positions are `topology/placing.py`'s."""
    return visible(
        whole(mesh, default_allow=default_allow),
        may_see=may_see,
        may_see_intentions=may_see_intentions,
    )


def whole(mesh: Mesh, *, default_allow: bool) -> Graph:
    """Return all of the graph, for `visible` to leave out what a caller may not see."""
    declared = set(declared_pairs(mesh.registry))
    named = rules(mesh.intentions)
    pairs = sorted(declared | set(named_pairs(named)))
    names = service_names(mesh.registry).union(*pairs)
    vertices = {name: vertex(mesh, name) for name in sorted(names)}
    return Graph(
        index=mesh.index,
        default_verdict="allow" if default_allow else "deny",
        groups=groups(vertices.values()),
        vertices=tuple(vertices.values()),
        edges=tuple(
            edge(
                vertices[source],
                vertices[destination],
                named.deciding(source, destination),
                declared=(source, destination) in declared,
                default_allow=default_allow,
            )
            for source, destination in pairs
        ),
    )


def service_names(registry: Registry) -> set[str]:
    """What is registered, and what a sidecar stands in front of before that is."""
    names = {
        service
        for service, records in registry.by_service.items()
        if any(record.value.kind != CONNECT_PROXY for record in records.values())
    }
    return names.union(registry.by_destination)


def declared_pairs(registry: Registry) -> Iterator[Pair]:
    for record in registry.instances.values():
        instance = record.value
        if instance.proxy is None:
            continue
        source = instance.mesh_destination or instance.service
        for upstream in instance.proxy.upstreams:
            if upstream.destination_type == "service" and upstream.destination_name:
                yield source, upstream.destination_name


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


def visible(all_of_it: Graph, *, may_see: MaySee, may_see_intentions: MaySee) -> Graph:
    """Leave out the services that may not be seen, with all their edges, and count them.

    To know the intentions toward a destination is a right of its own: without it an edge is there
    only if a proxy declares it, and says nothing about the verdict.
    """
    vertices = tuple(each for each in all_of_it.vertices if may_see(each.service))
    names = {each.service for each in vertices}
    readable = {name for name in names if may_see_intentions(name)}
    if len(readable) == len(all_of_it.vertices):
        return all_of_it
    return replace(
        all_of_it,
        groups=groups(vertices),
        vertices=vertices,
        edges=tuple(
            each if each.destination in readable else without_verdict(each)
            for each in all_of_it.edges
            if each.source in names
            and each.destination in names
            and (each.declared or each.destination in readable)
        ),
        hidden=len(all_of_it.vertices) - len(vertices),
    )


def without_verdict(hiding: Edge) -> Edge:
    return replace(
        hiding,
        verdict="unknown",
        by_default=False,
        intention=None,
        reason=f"your token may not read the intentions to {hiding.destination}",
    )
