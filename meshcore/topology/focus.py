"""The part of a graph around one service."""

from typing import TypeVar

from msgspec.structs import replace

from meshcore.lib.errors import NotFoundError
from meshcore.topology.graph import groups
from meshcore.topology.types import Graph

G = TypeVar("G", bound=Graph)


def around(graph: G, service: str, *, hops: int) -> G:
    """Keep who is that many calls away at most, in either direction, and the calls among them."""
    if all(vertex.service != service for vertex in graph.vertices):
        raise NotFoundError(f"no service {service} is in the graph")
    near = {service}
    for _ in range(hops):
        found = {end for edge in graph.edges if not near.isdisjoint(edge.key) for end in edge.key}
        if found <= near:
            break
        near |= found
    vertices = tuple(vertex for vertex in graph.vertices if vertex.service in near)
    return replace(
        graph,
        groups=groups(vertices),
        vertices=vertices,
        edges=tuple(edge for edge in graph.edges if near.issuperset(edge.key)),
    )
