"""The editor's form of all intentions toward one destination, as far as somebody has filled it in.

A draft need not be valid: a row keeps what was typed, and `problems` says what is wrong with it, by
the names of the fields. What a form does not show of an intention (who it came from, when it was
made) is taken from the intention that is there.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from meshcore.config_entries.problems import Path, Problem
from meshcore.intentions.precedence import ordered
from meshcore.intentions.types import (
    Action,
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.intentions.validation import problems as intention_problems

By = Literal["allow", "deny", "permissions"]
PathTest = Literal["", "exact", "prefix", "regex"]
HeaderTest = Literal["present", "exact", "prefix", "suffix", "contains", "regex"]
FIELDS = {  # where a problem's path of a document ends, and the field of its row
    "PathExact": "path",
    "PathPrefix": "path",
    "PathRegex": "path",
    "Permissions": "by",
    "Action": "action",
    "Name": "name",
    "Methods": "methods",
    "Regex": "value",
    "IgnoreCase": "ignore_case",
}
A_SOURCE = ("sources", "0")
LISTS = {"Sources": "sources", "Permissions": "permissions", "Header": "headers"}


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class HeaderRow(Row, frozen=True):
    name: str = ""
    test: HeaderTest = "exact"
    value: str = ""
    ignore_case: bool = False
    is_inverted: bool = False


class PermissionRow(Row, frozen=True):
    action: Action = "allow"
    path_test: PathTest = ""
    path: str = ""
    methods: tuple[str, ...] = ()
    headers: tuple[HeaderRow, ...] = ()


class SourceRow(Row, frozen=True):
    """An open one shows its fields; `permissions` are kept while another `by` is chosen."""

    name: str = ""
    peer: str = ""
    by: By = "allow"
    permissions: tuple[PermissionRow, ...] = ()
    description: str = ""
    is_open: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        return self.name, self.peer


class Draft(Row, frozen=True):
    """`index` and `base` are what it began from: the ModifyIndex (0 for none), and the entry."""

    destination: str = ""
    sources: tuple[SourceRow, ...] = ()
    meta: dict[str, str] = {}
    index: int = 0
    base: ServiceIntentions | None = None


class FieldProblem(msgspec.Struct, frozen=True):
    field: str  # `sources.0.permissions.1.path`; empty for what concerns all of it
    sentence: str


def draft_of(entry: ServiceIntentions, *, index: int) -> Draft:
    rows = tuple(source_row(intention) for intention in ordered(entry.intentions))
    return Draft(
        destination=entry.destination, sources=rows, meta=entry.meta, index=index, base=entry
    )


def source_row(intention: Intention) -> SourceRow:
    return SourceRow(
        name=intention.source,
        peer=intention.source_peer,
        by="permissions" if intention.action is None else intention.action,
        permissions=tuple(permission_row(each) for each in intention.permissions),
        description=intention.description,
    )


def permission_row(permission: Permission) -> PermissionRow:
    match = permission.http or RequestMatch()
    paths: dict[PathTest, str | None] = {
        "exact": match.path_exact,
        "prefix": match.path_prefix,
        "regex": match.path_regex,
    }
    test, path = next(((t, p) for t, p in paths.items() if p is not None), ("", ""))
    return PermissionRow(
        action=permission.action,
        path_test=test,
        path=path,
        methods=match.methods,
        headers=tuple(header_row(header) for header in match.headers),
    )


def header_row(match: HeaderMatch) -> HeaderRow:
    values: dict[HeaderTest, str | None] = {
        "exact": match.exact,
        "prefix": match.prefix,
        "suffix": match.suffix,
        "contains": match.contains,
        "regex": match.regex,
    }
    test, value = next(((t, v) for t, v in values.items() if v is not None), ("present", ""))
    return HeaderRow(
        name=match.name,
        test=test,
        value=value,
        ignore_case=match.ignore_case,
        is_inverted=match.is_inverted,
    )


def entry_of(draft: Draft, present: ServiceIntentions | None) -> ServiceIntentions:
    """In the order of the form; `present` gives what the form does not show."""
    entry = present or ServiceIntentions(destination=draft.destination)
    former = {(each.source, each.source_peer): each for each in entry.intentions}
    rows = (intention_of(row, draft.destination, former.get(row.identity)) for row in draft.sources)
    return replace(entry, destination=draft.destination, intentions=tuple(rows), meta=draft.meta)


def intention_of(row: SourceRow, destination: str, former: Intention | None) -> Intention:
    return replace(
        former or Intention(source=row.name, destination=destination, source_peer=row.peer),
        action=None if row.by == "permissions" else row.by,
        permissions=tuple(permission_of(each) for each in row.permissions)
        if row.by == "permissions"
        else (),
        description=row.description,
    )


def permission_of(row: PermissionRow) -> Permission:
    path = {f"path_{row.path_test}": row.path} if row.path_test and row.path else {}
    return Permission(
        action=row.action,
        http=RequestMatch(
            **path, methods=row.methods, headers=tuple(header_of(each) for each in row.headers)
        ),
    )


def header_of(row: HeaderRow) -> HeaderMatch:
    if row.test == "present":
        return HeaderMatch(name=row.name, present=True, is_inverted=row.is_inverted)
    value = {row.test: row.value}
    return HeaderMatch(
        name=row.name,
        exact=value.get("exact"),
        prefix=value.get("prefix"),
        suffix=value.get("suffix"),
        contains=value.get("contains"),
        regex=value.get("regex"),
        ignore_case=row.ignore_case and row.test != "regex",
        is_inverted=row.is_inverted,
    )


def problems(draft: Draft) -> tuple[FieldProblem, ...]:
    """What forbids to write it, one problem a field."""
    missing = tuple(missing_values(draft))
    found = (as_field_problem(each) for each in intention_problems(entry_of(draft, None)))
    more = {
        problem.field: problem
        for problem in found
        if not any(each.field.startswith(problem.field) for each in missing)
    }
    return (*missing, *more.values())


def missing_values(draft: Draft) -> Iterator[FieldProblem]:
    """What an empty text would be taken for: no condition at all."""
    for at, source in enumerate(draft.sources):
        if source.by != "permissions":
            continue
        place = f"sources.{at}"
        if not source.permissions:
            yield FieldProblem(f"{place}.by", "add a permission, or allow or deny all requests")
        for number, permission in enumerate(source.permissions):
            row = f"{place}.permissions.{number}"
            if permission.path_test and not permission.path:
                yield FieldProblem(f"{row}.path", "is required: a path, or choose any path")
            for index, header in enumerate(permission.headers):
                if header.test != "present" and not header.value:
                    yield FieldProblem(f"{row}.headers.{index}.value", "is required")


def as_field_problem(problem: Problem) -> FieldProblem:
    return FieldProblem(field_at(problem.path), problem.sentence)


def field_at(path: Path) -> str:
    """Sources[0].Permissions[1].HTTP.PathExact is the field sources.0.permissions.1.path."""
    if path == ("Name",):
        return "destination"
    parts: list[str] = []
    for at, part in enumerate(path):
        is_in_list = at + 1 < len(path) and isinstance(path[at + 1], int)
        if isinstance(part, int):
            parts.append(str(part))
        elif is_in_list and part in LISTS:
            parts.append(LISTS[part])
        elif part in FIELDS:
            field = "by" if part == "Action" and len(parts) == len(A_SOURCE) else FIELDS[part]
            return ".".join((*parts, field))
    return ".".join(parts)
