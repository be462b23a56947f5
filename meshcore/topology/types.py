"""The mesh as a picture: services as vertices, who calls or may call whom as edges.

The field names are those of `GET /api/graph`, of the graph page's messages and of its scripts.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

MaySee = Callable[[str], bool]  # by the name of a service

Health = Literal["passing", "warning", "critical", "unknown"]
EdgeVerdict = Literal["allow", "deny", "conditional", "unknown"]

TYPICAL = "typical"
NO_GROUP = ""


class Vertex(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One service with the worst health of its instances; what nobody registered is unknown.

    `connected` counts the instances that callers in the mesh reach it through: sidecars, and those
    that speak mutual TLS by themselves.
    """

    service: str
    kind: str = TYPICAL
    is_registered: bool = False
    health: Health = "unknown"
    instances: int = 0
    passing: int = 0
    warning: int = 0
    critical: int = 0
    has_sidecar: bool = False
    connected: int = 0
    protocol: str = "tcp"
    group: str = NO_GROUP
    tags: tuple[str, ...] = ()
    external_source: str = ""
    x: float = 0.0
    y: float = 0.0
    is_pinned: bool = msgspec.field(default=False, name="pinned")


class Deciding(msgspec.Struct, frozen=True, gc=False):
    """The intention that decides the calls of an edge; either end may be *."""

    source: str
    destination: str
    precedence: int


class Edge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A call that a proxy declares, or that an intention names on both ends.

    The verdict is conditional where it depends on the request, and unknown to whoever may read the
    intentions of neither end.
    """

    source: str
    destination: str
    verdict: EdgeVerdict
    by_default: bool
    intention: Deciding | None
    reason: str
    declared: bool
    mtls: bool

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.destination)


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Vertices by name, edges by their ends; `hidden` counts the services that are left out."""

    index: int
    default_verdict: Literal["allow", "deny"]
    groups: tuple[str, ...]
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    hidden: int = 0
