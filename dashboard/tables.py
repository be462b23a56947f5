"""Lists: what of many rows is shown, in which order, and what is said when there is none.

All of it is in the URL: `q` (words), `filter` (an expression, lib/bexpr.py), one parameter for each
facet, `sort`, `columns` and `rows` (how many are shown; scrolling asks for more). The page makes
the rows, whose type says what an expression may name; a template shows them (services.html).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Generic

import msgspec

from dashboard.columns import Column, Header, Row, headers, sort_keys
from dashboard.params import Params
from meshcore.lib import bexpr
from meshcore.lib.errors import InvalidError

__all__ = ["Column", "Empty", "Facet", "Header", "Listing", "Option", "Table", "listing"]

WINDOW = 100
MOST_SHOWN = 2_000  # more would make the browser slow, and nobody reads them
LONGEST_NUMBER = 6  # digits
MOST_OPTIONS = 50  # of one facet: the most frequent ones


class Facet(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """Rows have none, one or several of its values; those that are asked for are alternatives."""

    name: str
    label: str
    values: Callable[[Row], Collection[str]]


class Empty(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing is there, and one thing to do: a command, or a link."""

    title: str
    text: str = ""
    line: str = ""
    path: str = ""
    label: str = ""
    icon_name: str = "empty"


class Table(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """What a list is of; `words` is what the text filter looks in, in lower case.

    `keeps` names the parameters that say which list of a page it is.
    """

    one: str
    many: str
    row_type: type[Row]
    columns: tuple[Column[Row], ...]
    words: Callable[[Row], str]
    facets: tuple[Facet[Row], ...] = ()
    sort: str
    none_yet: Empty
    keeps: tuple[str, ...] = ()
    example: str = 'Health == "critical"'  # of an expression


class Option(msgspec.Struct, frozen=True):
    value: str
    count: int
    is_chosen: bool


class FacetShown(msgspec.Struct, frozen=True):
    name: str
    label: str
    options: tuple[Option, ...]

    @property
    def is_offered(self) -> bool:
        """With one value there is nothing to choose."""
        return len(self.options) > 1 or any(option.is_chosen for option in self.options)


class Listing(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """What a template needs of one list; `rows` is the window, `matching` all that passed."""

    table: Table[Row]
    params: Params
    rows: Sequence[Row]
    matching: Sequence[Row]
    total: int
    headers: tuple[Header, ...]
    facets: tuple[FacetShown, ...]
    problem: str = ""  # what is wrong with the expression
    has_hidden: bool = False

    @property
    def shows(self) -> dict[str, bool]:
        return {header.name: header.is_shown for header in self.headers}

    @property
    def is_narrowed(self) -> bool:
        names = ("q", "filter", *(facet.name for facet in self.table.facets))
        return any(self.params.get(name) for name in names)

    @property
    def more_query(self) -> str:
        """The link to a longer window, while there is more and it may be longer."""
        shown = len(self.rows)
        if shown == len(self.matching) or shown >= MOST_SHOWN:
            return ""
        return self.params.having(rows=str(shown + WINDOW)).query

    @property
    def all_query(self) -> str:
        """The link to the list without its filters."""
        facets = (facet.name for facet in self.table.facets)
        return self.params.without("q", "filter", "rows", *facets).query or "?"

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What a form that filters has to send along: all that it does not ask for itself."""
        asked = ("q", "filter", "rows", "format", *(facet.name for facet in self.table.facets))
        return tuple(pair for pair in self.params.pairs if pair[0] not in asked)

    @property
    def words(self) -> str:
        return self.params.get("q")

    @property
    def counted(self) -> str:
        """`100 of 2,345 services match, of 10,000`, as short as it is true."""
        shown, matching = len(self.rows), len(self.matching)
        of = f"{shown:,} of {matching:,}" if shown < matching else f"{matching:,}"
        noun = self.table.one if matching == 1 and shown == 1 else self.table.many
        return f"{of} {noun}" + (f", of {self.total:,}" if matching < self.total else "")

    @property
    def expression(self) -> str:
        return self.params.get("filter")

    @property
    def selectors(self) -> list[str]:
        """What an expression may name."""
        return [field.encode_name for field in msgspec.structs.fields(self.table.row_type)]

    @property
    def csv_query(self) -> str:
        return self.params.without("rows").having(format="csv").query

    @property
    def json_query(self) -> str:
        return self.params.without("rows").having(format="json").query

    @property
    def empty(self) -> Empty | None:
        if self.rows:
            return None
        many = self.table.many
        if self.total:
            return Empty(
                title=f"No {self.table.one} matches",
                text=self.problem or f"There are {self.total} {many} without the filters.",
                path=self.all_query,
                label=f"Show all {many}",
                icon_name="search",
            )
        if self.has_hidden:
            return Empty(
                title=f"No {many} that you may see",
                text=f"There are {many}, and your token may read none of them."
                " Whoever manages tokens can grant it more.",
                icon_name="lock",
            )
        return self.table.none_yet


def listing(
    table: Table[Row], rows: Sequence[Row], params: Params, *, has_hidden: bool = False
) -> Listing[Row]:
    """Filter, sort and cut; raise InvalidError for a column that is not there.

    `has_hidden` says that the caller may not see all rows that there are.
    """
    problem, predicate = _expression(table, params.get("filter"))
    # An expression that cannot be read shows nothing: all rows would look like its result.
    worded = [] if problem else [row for row in _worded(table, rows, params) if predicate(row)]
    matching = _sorted(table, _having(table.facets, worded, params), params)
    return Listing(
        table=table,
        params=params,
        rows=matching[: _window(params)],
        matching=matching,
        total=len(rows),
        headers=headers(table.columns, params, default_sort=table.sort),
        facets=tuple(_facet(facet, table.facets, worded, params) for facet in table.facets),
        problem=problem,
        has_hidden=has_hidden,
    )


def _expression(table: Table[Row], text: str) -> tuple[str, Callable[[Row], bool]]:
    if text:
        try:
            return "", bexpr.compile_filter(text, table.row_type)
        except InvalidError as error:
            return str(error), lambda _: False
    return "", lambda _: True


def _worded(table: Table[Row], rows: Iterable[Row], params: Params) -> list[Row]:
    wanted = params.get("q").lower().split()
    if not wanted:
        return list(rows)
    return [row for row in rows if _has_all(wanted, table.words(row))]


def _has_all(wanted: Iterable[str], text: str) -> bool:
    return all(word in text for word in wanted)


def _having(facets: Iterable[Facet[Row]], rows: list[Row], params: Params) -> list[Row]:
    for facet in facets:
        wanted = frozenset(params.all(facet.name))
        if wanted:
            rows = [row for row in rows if not wanted.isdisjoint(facet.values(row))]
    return rows


def _facet(
    facet: Facet[Row], facets: Iterable[Facet[Row]], rows: list[Row], params: Params
) -> FacetShown:
    """Counts are of what the other filters leave: what choosing the option would show."""
    others = _having((each for each in facets if each is not facet), rows, params)
    counts = Counter(value for row in others for value in facet.values(row))
    chosen = frozenset(params.all(facet.name))
    frequent = {value for value, _ in counts.most_common(MOST_OPTIONS)}
    return FacetShown(
        facet.name,
        facet.label,
        tuple(Option(value, counts[value], value in chosen) for value in sorted(frequent | chosen)),
    )


def _sorted(table: Table[Row], rows: list[Row], params: Params) -> list[Row]:
    for key, descends in sort_keys(table.columns, params, default_sort=table.sort):
        rows = sorted(rows, key=key, reverse=descends)
    return rows


def _window(params: Params) -> int:
    asked = params.get("rows", str(WINDOW))
    if not asked.isdecimal() or len(asked) > LONGEST_NUMBER:
        raise InvalidError(f'rows is a number, and "{asked[:20]}" is none')
    return min(max(int(asked), WINDOW), MOST_SHOWN)
