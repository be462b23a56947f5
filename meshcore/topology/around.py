"""What one service calls, and who calls it: its edges alone, for a page or an answer about it."""

import msgspec

from meshcore.intentions.types import Intention
from meshcore.intentions.view import Intentions
from meshcore.mesh.types import Mesh
from meshcore.topology.graph import edge, named_pairs, visible_edges
from meshcore.topology.rules import rules
from meshcore.topology.services import declaring, known
from meshcore.topology.types import Edge, MaySee


class Around(msgspec.Struct, frozen=True):
    """Each in the order of the other end's name; a service that calls itself is in both."""

    upstreams: tuple[Edge, ...]
    downstreams: tuple[Edge, ...]
    hidden: int = 0  # edges whose other end may not be seen


def around(mesh: Mesh, service: str, *, default_allow: bool) -> Around:
    declared = {(service, upstream) for upstream in known(mesh, service).upstreams}
    declared |= {(caller, service) for caller in declaring(mesh.registry, service)}
    named = rules(mesh.intentions)
    pairs = declared | {pair for pair in named_pairs(named) if service in pair}
    vertices = {name: known(mesh, name).vertex for name in {service}.union(*pairs)}
    edges = tuple(
        edge(
            vertices[source],
            vertices[destination],
            named.deciding(source, destination),
            declared=(source, destination) in declared,
            default_allow=default_allow,
        )
        for source, destination in sorted(pairs)
    )
    return Around(
        upstreams=tuple(each for each in edges if each.source == service),
        downstreams=tuple(each for each in edges if each.destination == service),
    )


def visible(all_of_it: Around, *, may_see: MaySee, may_see_intentions: MaySee) -> Around:
    """Leave out what a caller may not see, as `topology/graph.py: visible` does."""
    rights = {"may_see": may_see, "may_see_intentions": may_see_intentions}
    upstreams = tuple(visible_edges(all_of_it.upstreams, **rights))
    downstreams = tuple(visible_edges(all_of_it.downstreams, **rights))
    before = len(all_of_it.upstreams) + len(all_of_it.downstreams)
    return Around(upstreams, downstreams, hidden=before - len(upstreams) - len(downstreams))


def naming(intentions: Intentions, service: str) -> tuple[Intention, ...]:
    """The intentions from exactly this service, by their destinations."""
    entries = sorted(intentions.by_destination.items())
    return tuple(
        intention
        for _, record in entries
        for intention in record.value.intentions
        if intention.source == service
    )
