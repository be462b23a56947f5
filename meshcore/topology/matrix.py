"""Who may call whom, for all services at once, by classes of those with the same rules.

Five thousand services are 25 million pairs, but nearly all of them are decided by few intentions.
Services are put together that are named in the same intentions, and only the cells are listed that
an intention between exactly these two decides. For the other pairs of a row and a column:

    1. the column's `otherwise`, where the destination has an intention from *
    2. the row's `otherwise`, where the source has an intention to *
    3. the matrix's `otherwise`, which the intention from * to * decides, or the default policy

Permissions toward a service without HTTP deny, so 2 and 3 are said for both sorts of destination.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter

import msgspec

from meshcore.config_entries.types import HTTP_PROTOCOLS
from meshcore.intentions.types import WILDCARD, Intention
from meshcore.topology.graph import deciding, groups
from meshcore.topology.rules import Rules, meaning, said_by, verdict
from meshcore.topology.types import Deciding, EdgeVerdict, MaySee, Vertex

Members = Sequence[Vertex]  # of one class


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    verdict: EdgeVerdict
    by_default: bool
    reason: str
    intention: Deciding | None


class ByProtocol(msgspec.Struct, frozen=True):
    http: Outcome
    tcp: Outcome


class SourceClass(msgspec.Struct, frozen=True):
    """Services of one group; verdicts name intentions as they are for the first of them."""

    services: tuple[str, ...]
    group: str
    otherwise: ByProtocol | None


class DestinationClass(msgspec.Struct, frozen=True):
    services: tuple[str, ...]
    group: str
    speaks_http: bool
    otherwise: Outcome | None


class Cell(msgspec.Struct, frozen=True):
    """Source and destination by their places among the classes."""

    source: int
    destination: int
    outcome: Outcome


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    groups: tuple[str, ...]
    sources: tuple[SourceClass, ...]
    destinations: tuple[DestinationClass, ...]
    cells: tuple[Cell, ...]
    otherwise: ByProtocol
    hidden: int = 0  # destinations whose intentions may not be read


Decide = Callable[..., Outcome]


def matrix(
    vertices: Sequence[Vertex], rules: Rules, *, default_allow: bool, may_see_intentions: MaySee
) -> Matrix:
    """Take the vertices of a graph as the caller sees it."""
    columns = [each for each in vertices if may_see_intentions(each.service)]
    decide = partial(outcome, default_allow=default_allow)
    sources = classes(vertices, as_sources(rules, columns))
    destinations = classes(columns, as_destinations(rules, columns, vertices))
    return Matrix(
        groups=groups(vertices),
        sources=tuple(source_class(each, rules, decide) for each in sources),
        destinations=tuple(destination_class(each, rules, decide) for each in destinations),
        cells=tuple(cells(sources, destinations, rules, decide)),
        otherwise=by_protocol(rules.toward(WILDCARD).anybody, decide),
        hidden=len(vertices) - len(columns),
    )


def outcome(intention: Intention | None, *, is_http: bool, default_allow: bool) -> Outcome:
    said = verdict(intention, is_http=is_http, default_allow=default_allow)
    return Outcome(
        verdict=said.verdict,
        by_default=said.by_default,
        reason=said.reason,
        intention=deciding(intention) if intention else None,
    )


def by_protocol(intention: Intention | None, decide: Decide) -> ByProtocol:
    return ByProtocol(decide(intention, is_http=True), decide(intention, is_http=False))


def source_class(members: Members, rules: Rules, decide: Decide) -> SourceClass:
    first = members[0]
    toward_all = rules.toward(WILDCARD).exact.get(first.service)
    return SourceClass(
        names(members), first.group, by_protocol(toward_all, decide) if toward_all else None
    )


def destination_class(members: Members, rules: Rules, decide: Decide) -> DestinationClass:
    first = members[0]
    of_anybody = rules.toward(first.service).anybody
    is_http = speaks_http(first)
    return DestinationClass(
        names(members),
        first.group,
        is_http,
        decide(of_anybody, is_http=is_http) if of_anybody else None,
    )


def cells(
    sources: Sequence[Members], destinations: Sequence[Members], rules: Rules, decide: Decide
) -> Iterator[Cell]:
    """In the order of the columns, in each of them in that of the rows."""
    rows = {each.service: row for row, members in enumerate(sources) for each in members}
    for column, members in enumerate(destinations):
        exact = rules.toward(members[0].service).exact
        found = {rows[source]: intention for source, intention in exact.items() if source in rows}
        for row, intention in sorted(found.items(), key=itemgetter(0)):
            yield Cell(row, column, decide(intention, is_http=speaks_http(members[0])))


def classes(vertices: Iterable[Vertex], signatures: Mapping[str, Hashable]) -> list[Members]:
    """Put together who is in the same group and has the same signature."""
    found: dict[Hashable, list[Vertex]] = {}
    for each in sorted(vertices, key=lambda vertex: (vertex.group, vertex.service)):
        found.setdefault((each.group, signatures.get(each.service)), []).append(each)
    return list(found.values())


def as_sources(rules: Rules, columns: Iterable[Vertex]) -> Mapping[str, Hashable]:
    """What is said of each service as the source, toward which destinations."""
    said: dict[str, list[tuple[str, bytes]]] = {}
    for destination in (*names(columns), WILDCARD):
        for source, intention in rules.toward(destination).exact.items():
            said.setdefault(source, []).append((destination, meaning(intention)))
    return {source: tuple(each) for source, each in said.items()}


def as_destinations(
    rules: Rules, columns: Iterable[Vertex], vertices: Iterable[Vertex]
) -> Mapping[str, Hashable]:
    """What is said of each service as the destination, of which sources."""
    seen = set(names(vertices))
    return {
        each.service: (speaks_http(each), said_by(rules.toward(each.service), seen))
        for each in columns
    }


def speaks_http(vertex: Vertex) -> bool:
    return vertex.protocol in HTTP_PROTOCOLS


def names(vertices: Iterable[Vertex]) -> tuple[str, ...]:
    return tuple(each.service for each in vertices)


def table(
    whole: Matrix, *, rows: Iterable[int], columns: Sequence[int]
) -> Iterator[tuple[Outcome, ...]]:
    """Say of each of these cells what decides it, for a part of the matrix that is shown."""
    decided = {(cell.source, cell.destination): cell.outcome for cell in whole.cells}
    for row in rows:
        source = whole.sources[row].otherwise or whole.otherwise
        yield tuple(
            decided.get((row, column))
            or destination.otherwise
            or (source.http if destination.speaks_http else source.tcp)
            for column in columns
            for destination in (whole.destinations[column],)
        )
