"""What passes over the graph, as tabs are told of it: rows of rounded numbers, and what of them has
changed since any version that a tab may have.

Worked example: a tab has version 7, in which web -> api had the row (12.4, ...). At 8 that row
became (12.5, ...), at 9 web -> db was forgotten. The tab is told the one row and that the other is
gone, and has version 9. So is one that has 8, without the row. One that has a version of another
process, or of other rights, is told all there is.
"""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from secrets import token_hex
from typing import Generic, TypeVar

import msgspec

from meshcore.registry.health import Health
from meshcore.topology.types import Edge, LiveEdge, LiveGraph, LiveVertex
from meshcore.traffic.types import Pair

MOST_GONE = 10_000  # that are remembered; when there are more, who has an old version is told all
WINDOW_S = 10
UNKNOWN = -1

Number = float | int | None
# Rate, error ratio, p50, p95, p99, bytes, denied, connections, seen, 1 where that is stale, and the
# place of the health among HEALTHS. What is seen now has no time: else every row changed by it.
Row = tuple[Number, Number, Number, Number, Number, Number, Number, Number, int | None, int, int]
HEALTHS: dict[Health, int] = {"unknown": 0, "passing": 1, "warning": 2, "critical": 3}

K = TypeVar("K")
V = TypeVar("V")


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed since the version `since`; all there is where that is None.

    `observed` are the edges that traffic alone tells of: nobody declares or names them.
    """

    version: str
    since: str | None
    at: datetime
    window_s: int = WINDOW_S
    edges: list[tuple[str, str, Row]]
    vertices: list[tuple[str, Row]]
    observed: list[Edge]
    gone: list[Pair]
    gone_vertices: list[str]
    gone_observed: list[Pair]


class Table(Generic[K, V]):
    def __init__(self) -> None:
        self.rows: Mapping[K, V] = {}
        self.known_from = 0
        self._changed_at: dict[K, int] = {}
        self._gone_at: dict[K, int] = {}

    def become(self, rows: Mapping[K, V], number: int) -> bool:
        """Return whether the rows differ, and remember since when."""
        before, changed_at, gone_at = self.rows, self._changed_at, self._gone_at
        changed = [key for key, row in rows.items() if before.get(key) != row]
        gone = before.keys() - rows.keys()
        changed_at.update(dict.fromkeys(changed, number))
        for key in gone_at.keys() & changed:
            del gone_at[key]
        for key in gone:
            del changed_at[key]
            gone_at[key] = number
        if len(gone_at) > MOST_GONE:
            gone_at.clear()
            self.known_from = number
        self.rows = rows
        return bool(changed or gone)

    def after(self, number: int) -> tuple[list[tuple[K, V]], list[K]]:
        """The rows that are others than they were then, and the keys that are gone since."""
        rows = self.rows
        return (
            [(key, rows[key]) for key, at in self._changed_at.items() if at > number],
            [key for key, at in self._gone_at.items() if at > number],
        )


class Passing:
    """What one set of rights sees. Versions are of this object alone."""

    def __init__(self) -> None:
        self._name = token_hex(4)
        self._number = 0
        self._edges: Table[Pair, Row] = Table()
        self._vertices: Table[str, Row] = Table()
        self._observed: Table[Pair, Edge] = Table()

    @property
    def version(self) -> str:
        return f"{self._name}.{self._number}"

    def become(self, graph: LiveGraph, named: Set[Pair]) -> None:
        """`named` are the edges of the graph as it is without traffic."""
        number = self._number + 1
        seen = {each.key: each for each in graph.edges if each.observed}
        changes = (
            self._edges.become({key: edge_row(each) for key, each in seen.items()}, number),
            self._vertices.become(vertex_rows(graph.vertices), number),
            self._observed.become({key: plain(seen[key]) for key in seen.keys() - named}, number),
        )
        if any(changes):
            self._number = number

    def since(self, version: str, *, at: datetime) -> Traffic:
        """All of it for who has a version that nothing is known of any more."""
        number = self._number_of(version)
        is_known = number >= 0
        edges, gone = self._edges.after(number)
        vertices, gone_vertices = self._vertices.after(number)
        observed, gone_observed = self._observed.after(number)
        return Traffic(
            version=self.version,
            since=version if is_known else None,
            at=at,
            edges=[(*pair, row) for pair, row in edges],
            vertices=vertices,
            observed=[edge for _, edge in observed],
            gone=gone if is_known else [],
            gone_vertices=gone_vertices if is_known else [],
            gone_observed=gone_observed if is_known else [],
        )

    def _number_of(self, version: str) -> int:
        name, _, digits = version.partition(".")
        if name != self._name or not digits.isdecimal():
            return UNKNOWN
        tables = (self._edges, self._vertices, self._observed)
        known_from = max(table.known_from for table in tables)
        number = int(digits)
        return number if known_from <= number <= self._number else UNKNOWN


def vertex_rows(vertices: Iterable[LiveVertex]) -> dict[str, Row]:
    return {
        each.service: vertex_row(each)
        for each in vertices
        if each.rate is not None or each.seen_at is not None
    }


def edge_row(edge: LiveEdge) -> Row:
    return (
        figures(edge.rate),
        share(edge.error_ratio),
        figures(edge.p50_ms),
        figures(edge.p95_ms),
        figures(edge.p99_ms),
        figures(edge.bytes_per_s),
        figures(edge.denied_rate),
        edge.connections,
        seen(edge),
        int(edge.is_stale),
        HEALTHS[edge.health],
    )


def vertex_row(vertex: LiveVertex) -> Row:
    return (
        figures(vertex.rate),
        share(vertex.error_ratio),
        figures(vertex.p50_ms),
        figures(vertex.p95_ms),
        figures(vertex.p99_ms),
        None,
        figures(vertex.denied_rate),
        None,
        seen(vertex),
        int(vertex.is_stale),
        HEALTHS[vertex.health],
    )


def seen(of: LiveEdge | LiveVertex) -> int | None:
    is_now = (of.rate or of.denied_rate) and not of.is_stale
    return None if is_now or of.seen_at is None else int(of.seen_at.timestamp())


def figures(value: float | None) -> Number:
    """Three of them: what nobody can read off is not told anew each second."""
    if value is None:
        return None
    if value < 10:
        return int(value * 100 + 0.5) / 100 if value >= 1 else int(value * 1000 + 0.5) / 1000
    if value < 1000:
        return int(value * 10 + 0.5) / 10 if value < 100 else int(value + 0.5)
    step = 10
    while value >= 1000 * step:
        step *= 10
    return int(value / step + 0.5) * step


def share(ratio: float | None) -> Number:
    """In steps of a thousandth, but never none where there is one."""
    return None if ratio is None else max(int(ratio * 1000 + 0.5) / 1000, 0.0001 * (ratio > 0))


def plain(edge: LiveEdge) -> Edge:
    return Edge(**{name: getattr(edge, name) for name in Edge.__struct_fields__})
