"""What the buttons of the editor do to a draft.

A button says what it does and where: `add:sources.0.permissions`, `up:sources.0.permissions.1`.
"""

from collections.abc import Callable

from msgspec.structs import replace

from dashboard.intentions.draft import Draft, HeaderRow, PermissionRow, Row, SourceRow
from meshcore.lib.errors import InvalidError

Rows = tuple[Row, ...]

NEW: dict[str, Row] = {
    "sources": SourceRow(is_open=True),
    "permissions": PermissionRow(path_test="prefix", path="/"),
    "headers": HeaderRow(),
}


def edited(draft: Draft, button: str) -> Draft:
    """Raise InvalidError for a button that this draft has not."""
    verb, _, place = button.partition(":")
    try:
        changed = _edited(draft, verb, place.split("."))
    except (LookupError, AttributeError):
        raise InvalidError(f"the form has no button {button}") from None
    assert isinstance(changed, Draft)
    return changed


def _edited(row: Row, verb: str, place: list[str]) -> Row:
    """Go down to the rows that the place names, and build all above them anew."""
    name, *more = place
    new = NEW[name]
    rows: Rows = getattr(row, name)
    if not more:
        return replace(row, **{name: ADDING[verb](rows, new)})
    at = int(more[0]) if more[0].isdecimal() else len(rows)
    if at >= len(rows):
        raise LookupError(place)
    if len(more) > 1:
        below = _edited(rows[at], verb, more[1:])
        return replace(row, **{name: _with(rows, at, below)})
    here = rows[at]
    if verb in OPENING and isinstance(here, SourceRow):
        return replace(row, **{name: _with(rows, at, replace(here, is_open=OPENING[verb]))})
    return replace(row, **{name: MOVING[verb](rows, at)})


def _with(rows: Rows, at: int, row: Row) -> Rows:
    return (*rows[:at], row, *rows[at + 1 :])


def remove(rows: Rows, at: int) -> Rows:
    return (*rows[:at], *rows[at + 1 :])


def up(rows: Rows, at: int) -> Rows:
    return down(rows, at - 1) if at else rows


def down(rows: Rows, at: int) -> Rows:
    if at + 1 >= len(rows):
        return rows
    return (*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :])


def add(rows: Rows, new: Row) -> Rows:
    return (*rows, new)


def begin(rows: Rows, new: Row) -> Rows:
    """Have a first row, as soon as there may be rows."""
    return rows or (new,)


ADDING: dict[str, Callable[[Rows, Row], Rows]] = {"add": add, "begin": begin}
MOVING: dict[str, Callable[[Rows, int], Rows]] = {"remove": remove, "up": up, "down": down}
OPENING = {"open": True, "close": False}
