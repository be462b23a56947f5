"""The columns of a list: which are shown, by which it is sorted, and the links that change that."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from dashboard.params import Params
from meshcore.lib.errors import InvalidError

Row = TypeVar("Row", bound=msgspec.Struct)


class Column(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """`value` is what is exported, and sorted by unless `sort` is given."""

    name: str
    label: str
    value: Callable[[Row], Any]
    sort: Callable[[Row], Any] | None = None
    is_sortable: bool = True
    is_number: bool = False
    is_optional: bool = False  # shown when chosen


Columns = tuple[Column[Row], ...]


class Header(msgspec.Struct, frozen=True):
    name: str
    label: str
    is_number: bool
    is_shown: bool
    sort: str  # "ascending", "descending" or nothing
    sort_query: str  # the link that sorts by it; nothing where that makes no sense
    toggle_query: str  # the link that shows or hides it


def headers(columns: Columns[Row], params: Params, *, default_sort: str) -> tuple[Header, ...]:
    """Raise InvalidError for a column that is not there."""
    chosen = frozenset(filter(None, params.get("columns").split(",")))
    for name in chosen:
        named(columns, name)
    shown = [c.name for c in columns if c.name in chosen or not (chosen or c.is_optional)]
    sort = params.get("sort", default_sort)
    return tuple(
        Header(
            name=column.name,
            label=column.label,
            is_number=column.is_number,
            is_shown=column.name in shown,
            sort={column.name: "ascending", f"-{column.name}": "descending"}.get(sort, ""),
            sort_query=_sort_query(column, sort, default_sort, params),
            toggle_query=_toggle_query(columns, column.name, shown, params),
        )
        for column in columns
    )


def sort_keys(
    columns: Columns[Row], params: Params, *, default_sort: str
) -> list[tuple[Callable[[Row], Any], bool]]:
    """Keys with whether they descend, the least important first.

    The column that is asked for counts, and where that is equal the list's own order.
    """
    keys = []
    for by in (default_sort, params.get("sort", default_sort)):
        column = named(columns, by.removeprefix("-"))
        if not column.is_sortable:
            raise InvalidError(f"nothing can be sorted by {column.name}")
        keys.append((column.sort or column.value, by.startswith("-")))
    return keys


def named(columns: Columns[Row], name: str) -> Column[Row]:
    found = next((column for column in columns if column.name == name), None)
    if found is None:
        names = ", ".join(column.name for column in columns)
        raise InvalidError(f'there is no column "{name}": there are {names}')
    return found


def _toggle_query(columns: Columns[Row], name: str, shown: list[str], params: Params) -> str:
    toggled = {name}.symmetric_difference(shown)
    usual = {column.name for column in columns if not column.is_optional}
    kept = [column.name for column in columns if column.name in toggled]
    return params.having(columns="" if toggled == usual else ",".join(kept)).query or "?"


def _sort_query(column: Column[Row], sort: str, default: str, params: Params) -> str:
    if not column.is_sortable:
        return ""
    descends = sort == column.name
    by = f"-{column.name}" if descends else column.name
    return params.without("rows").having(sort="" if by == default else by).query or "?"
