"""All services against all: who may call whom, a window of it at a time.

Few services stand one by one; of many, those with the same rules stand together. A cell names what
decides it by a number, which stands for a sentence: few intentions decide thousands of cells.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

import msgspec

from dashboard.pages import Page, PageRequest
from dashboard.params import Params
from meshcore.acl.rules import RuleKind
from meshcore.acl.verdicts import readable
from meshcore.intentions.types import WILDCARD
from meshcore.lib.errors import InvalidError
from meshcore.mesh import watch
from meshcore.topology.matrix import (
    DestinationClass,
    Matrix,
    Outcome,
    SourceClass,
    matrix,
    table,
)
from meshcore.topology.rules import rules

WINDOW = 60  # rows and columns that are shown at once
MOST_ALONE = 60  # services that are shown one by one unless asked otherwise
WATCH_KEYS = (watch.ALL_INTENTIONS, watch.CONFIG_ENTRIES, watch.INSTANCES)
GLYPHS = {"allow": "✓", "deny": "✕", "conditional": "◐", "unknown": "?"}

AnyClass = TypeVar("AnyClass", SourceClass, DestinationClass)


class Line(msgspec.Struct, frozen=True):
    """A row or a column: one service, or a class of them by the first; `at` is the class."""

    at: int
    service: str
    others: int
    group: str
    services: str  # all of them, for a title


class Group(msgspec.Struct, frozen=True):
    name: str
    size: int


class CellShown(msgspec.Struct, frozen=True):
    verdict: str
    glyph: str
    outcome: int
    is_general: bool


class OutcomeShown(msgspec.Struct, frozen=True):
    number: int
    verdict: str  # as the parts show it
    reason: str
    source: str
    destination: str
    precedence: int


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """What of the rows, or of the columns, is in the window."""

    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    first: int
    total: int
    before: str  # queries of the links to the windows beside
    after: str

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


class Row(msgspec.Struct, frozen=True):
    """`begins` is the group of which it is the first row."""

    line: Line
    begins: Group | None
    cells: tuple[CellShown, ...]


def page(request: PageRequest) -> Page:
    authorizer = request.caller.authorizer
    verdicts = readable(authorizer)[RuleKind.INTENTION]
    graph = request.facts.graphs.of(request.mesh, authorizer)
    whole = matrix(
        graph.vertices,
        rules(request.mesh.intentions),
        default_allow=request.facts.default_allow,
        may_see_intentions=verdicts.__getitem__,
    )
    is_alone = shows_alone(request.params, len(graph.vertices))
    rows = axis(whole.sources, request.params, name="row", is_alone=is_alone)
    columns = axis(whole.destinations, request.params, name="column", is_alone=is_alone)
    shown, outcomes = cells(whole, rows.lines, columns.lines)
    return Page(
        template="dashboard/intentions/matrix.html",
        title="Who may call whom",
        context={
            "rows": rows,
            "columns": columns,
            "table": tuple(with_groups(rows, shown)),
            "outcomes": outcomes,
            "services": len(graph.vertices),
            "is_alone": is_alone,
            "words": request.params.get("q"),
            "alone_query": request.params.without("row", "column").having(by="service").query,
            "classes_query": request.params.without("row", "column").having(by="rules").query,
            "by": request.params.get("by"),
            "hidden": whole.hidden,
        },
        watch_keys=WATCH_KEYS,
        is_filtered=bool(whole.hidden or graph.hidden),
    )


def shows_alone(params: Params, services: int) -> bool:
    by = params.get("by")
    if by not in ("", "service", "rules"):
        raise InvalidError(f'by is "{by}": it is service, or rules for those with the same ones')
    return by == "service" or (not by and services <= MOST_ALONE)


def axis(classes: Sequence[AnyClass], params: Params, *, name: str, is_alone: bool) -> Axis:
    words = params.get("q").lower().split()
    every = [
        line
        for at, each in enumerate(classes)
        for line in (alone(at, each) if is_alone else together(at, each))
        if all(word in f"{line.services} {line.group}".lower() for word in words)
    ]
    asked = params.get(name, "1")
    if not asked.isdecimal():
        raise InvalidError(f'{name} is a number, and "{asked[:20]}" is none')
    first = max(0, min(int(asked) - 1, (len(every) - 1) // WINDOW * WINDOW))
    lines = tuple(every[first : first + WINDOW])
    return Axis(
        lines=lines,
        groups=tuple(groups(lines)),
        first=first + 1,
        total=len(every),
        before=moved(params, name, first - WINDOW) if first else "",
        after=moved(params, name, first + WINDOW) if first + WINDOW < len(every) else "",
    )


def alone(at: int, each: AnyClass) -> Iterator[Line]:
    return (Line(at, service, 0, each.group, service) for service in each.services)


def together(at: int, each: AnyClass) -> Iterator[Line]:
    first, *others = each.services
    yield Line(at, first, len(others), each.group, ", ".join(each.services))


def moved(params: Params, name: str, first: int) -> str:
    at = max(0, first) + 1
    return params.having(**{name: str(at) if at > 1 else ""}).query or "?"


def groups(lines: Iterable[Line]) -> Iterator[Group]:
    for name, members in groupby(lines, key=lambda line: line.group):
        yield Group(name, len(list(members)))


def cells(
    whole: Matrix, rows: Sequence[Line], columns: Sequence[Line]
) -> tuple[list[tuple[CellShown, ...]], tuple[OutcomeShown, ...]]:
    numbers: dict[int, OutcomeShown] = {}
    decided = table(whole, rows=[row.at for row in rows], columns=[each.at for each in columns])
    found = [tuple(cell(outcome, numbers) for outcome in row) for row in decided]
    return found, tuple(numbers.values())


def cell(outcome: Outcome, numbers: dict[int, OutcomeShown]) -> CellShown:
    """Equal sentences of equal intentions are the same object, made once by the matrix."""
    shown = numbers.setdefault(id(outcome), outcome_shown(outcome, len(numbers)))
    is_general = shown.destination == WILDCARD
    return CellShown(shown.verdict, GLYPHS[outcome.verdict], shown.number, is_general)


def outcome_shown(outcome: Outcome, number: int) -> OutcomeShown:
    said = outcome.intention
    return OutcomeShown(
        number=number,
        verdict=f"default-{outcome.verdict}" if outcome.by_default else outcome.verdict,
        reason=outcome.reason,
        source=said.source if said else "",
        destination=said.destination if said else "",
        precedence=said.precedence if said else 0,
    )


def with_groups(rows: Axis, shown: Sequence[tuple[CellShown, ...]]) -> Iterator[Row]:
    remaining = iter(rows.groups)
    left = 0
    for line, found in zip(rows.lines, shown, strict=True):
        begins = None
        if not left:
            begins = next(remaining)
            left = begins.size
        left -= 1
        yield Row(line, begins, found)
