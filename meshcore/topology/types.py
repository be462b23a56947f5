"""The mesh as a picture: services as vertices, who calls or may call whom as edges.

The field names are those of `GET /api/graph`, of the graph page's messages and of its scripts.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from meshcore.registry.health import Health

MaySee = Callable[[str], bool]  # by the name of a service

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
    def is_evident(self) -> bool:
        """Whether it would be an edge if no intention named it."""
        return self.declared

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


class LiveVertex(Vertex, frozen=True, kw_only=True, gc=False):
    """With what reaches it, as in traffic/types.py, and the health that follows from both."""

    health_reason: str
    rate: float | None = None
    error_ratio: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    denied_rate: float | None = None
    seen_at: datetime | None = None
    is_stale: bool = msgspec.field(default=False, name="stale")


class LiveEdge(Edge, frozen=True, kw_only=True, gc=False):
    """With its traffic. `observed` is an edge that was seen in the last 15 minutes; of one that is
    not, the rate is zero where the destination's proxies report, and unknown where they do not."""

    health: Health
    health_reason: str
    rate: float | None = None
    error_ratio: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    bytes_per_s: float | None = None
    denied_rate: float | None = None
    connections: int | None = None
    seen_at: datetime | None = None
    is_stale: bool = msgspec.field(default=False, name="stale")
    observed: bool = False

    @property
    def is_evident(self) -> bool:
        return self.declared or self.observed


class LiveGraph(Graph, frozen=True, kw_only=True):
    vertices: tuple[LiveVertex, ...]
    edges: tuple[LiveEdge, ...]
