"""What the editor shows of a draft: each row with its place, its problems and its words."""

from collections.abc import Mapping

import msgspec

from dashboard.intentions import fields
from dashboard.intentions.draft import (
    Draft,
    FieldProblem,
    HeaderRow,
    PermissionRow,
    SourceRow,
    intention_of,
    permission_of,
    problems,
)
from dashboard.intentions.merging import by_identity, parts
from dashboard.intentions.words import permission, summary
from meshcore.intentions.types import Intention

MOST_SHOWN = 50  # sources that are closed and unchanged; more are sent along unseen

Errors = Mapping[str, str]  # by the last part of a field's name; "" for the row as a whole


class HeaderCell(msgspec.Struct, frozen=True):
    at: str
    row: HeaderRow
    errors: Errors


class PermissionCell(msgspec.Struct, frozen=True):
    at: str
    number: int
    row: PermissionRow
    errors: Errors
    headers: tuple[HeaderCell, ...]
    words: str
    is_last: bool


class SourceCell(msgspec.Struct, frozen=True):
    at: str
    row: SourceRow
    errors: Errors
    permissions: tuple[PermissionCell, ...]
    words: str
    hidden: str
    state: str  # new, changed, or empty
    is_found: bool = True  # by what one looks for

    @property
    def is_open(self) -> bool:
        """A row with a problem shows its fields, for the problem to be seen."""
        inner = (p.errors or any(h.errors for h in p.headers) for p in self.permissions)
        return self.row.is_open or bool(self.errors) or any(inner)

    @property
    def is_at_work(self) -> bool:
        return self.is_open or bool(self.state)

    @property
    def verdict(self) -> str:
        return "conditional" if self.row.by == "permissions" else self.row.by


class Sheet(msgspec.Struct, frozen=True):
    draft: Draft
    sources: tuple[SourceCell, ...]
    problems: tuple[FieldProblem, ...]
    errors: Errors
    base: str
    meta: str
    removed: tuple[Intention, ...]
    find: str = ""

    @property
    def shown(self) -> tuple[SourceCell, ...]:
        """What somebody works on, and of the rest as many as one reads."""
        found = [cell.at for cell in self.sources if not cell.is_at_work and cell.is_found]
        first = set(found[:MOST_SHOWN])
        return tuple(cell for cell in self.sources if cell.is_at_work or cell.at in first)

    @property
    def unseen(self) -> tuple[SourceCell, ...]:
        shown = {cell.at for cell in self.shown}
        return tuple(cell for cell in self.sources if cell.at not in shown)

    @property
    def can_be_searched(self) -> bool:
        return len(self.sources) > MOST_SHOWN


class Errata(msgspec.Struct, frozen=True):
    """The problems of a draft, by the row that they are in."""

    by_row: Mapping[str, dict[str, str]]

    def at(self, row: str) -> Errors:
        return self.by_row.get(row, {})


def errata(found: tuple[FieldProblem, ...]) -> Errata:
    by_row: dict[str, dict[str, str]] = {}
    for problem in found:
        row, dot, field = problem.field.rpartition(".")
        if field.isdecimal() or not dot:
            row, field = (problem.field, "") if dot else ("", problem.field)
        by_row.setdefault(row, {})[field] = problem.sentence
    return Errata(by_row)


def sheet(draft: Draft, *, find: str = "") -> Sheet:
    """`find` is a part of the names of the sources that one looks for."""
    found = tuple(each for each in problems(draft) if each.field != "sources")
    wrong = errata(found)
    was = by_identity(draft.base)
    kept = {row.identity for row in draft.sources}
    return Sheet(
        draft=draft,
        sources=tuple(
            source_cell(row, f"sources.{at}", wrong, draft.destination, was.get(row.identity), find)
            for at, row in enumerate(draft.sources)
        ),
        problems=found,
        errors=wrong.at(""),
        base=fields.base_of(draft),
        meta=fields.meta_of(draft),
        removed=tuple(each for identity, each in was.items() if identity not in kept),
        find=find,
    )


def source_cell(
    row: SourceRow,
    at: str,
    wrong: Errata,
    destination: str,
    former: Intention | None,
    find: str,
) -> SourceCell:
    intention = intention_of(row, destination, former)
    return SourceCell(
        at=at,
        row=row,
        errors=wrong.at(at),
        permissions=tuple(
            permission_cell(each, f"{at}.permissions.{number}", number, wrong, row)
            for number, each in enumerate(row.permissions)
        ),
        words=summary(intention),
        hidden=fields.whole(row),
        state=state_of(former, intention),
        is_found=find.lower() in row.name.lower(),
    )


def state_of(former: Intention | None, intention: Intention) -> str:
    if former is None:
        return "new"
    return "" if parts(former) == parts(intention) else "changed"


def permission_cell(
    row: PermissionRow, at: str, number: int, wrong: Errata, source: SourceRow
) -> PermissionCell:
    return PermissionCell(
        at=at,
        number=number + 1,
        row=row,
        errors=wrong.at(at),
        headers=tuple(
            HeaderCell(f"{at}.headers.{index}", each, wrong.at(f"{at}.headers.{index}"))
            for index, each in enumerate(row.headers)
        ),
        words=permission(permission_of(row)),
        is_last=number + 1 == len(source.permissions),
    )
