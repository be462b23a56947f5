"""A part of a list at a time: each begins after the last row of the one before.

The cursor holds what that row was sorted by, so that rows that come or go meanwhile shift nothing.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from rest_framework.request import Request

from meshcore.lib.errors import InvalidError
from meshcore.rest_api import params
from meshcore.rest_api.documented import number, text

Row = TypeVar("Row")
SortKey = tuple[str | int, str]  # the second part is unlike any other row's

DEFAULT = 100
MOST = 1000
LONGEST_CURSOR = 1024
PARAMETERS = (
    number("limit", f"rows at once, {DEFAULT} unless told otherwise, {MOST} at most"),
    text("cursor", "where to go on: what the answer before has as its `next`"),
)


def page(
    rows: Sequence[Row],
    request: Request,
    *,
    key: Callable[[Row], SortKey],
    is_descending: bool = False,
) -> tuple[tuple[Row, ...], str | None]:
    """Return the rows that are asked for, in their order, and the cursor of those after them."""
    limit = params.number(request, "limit", default=DEFAULT, least=1, most=MOST)
    ordered = sorted(rows, key=key, reverse=is_descending)
    given = params.text(request, "cursor")
    if given:
        last = opened(given, like=ordered[0] if ordered else None, key=key)
        ordered = [
            row for row in ordered if (key(row) < last if is_descending else key(row) > last)
        ]
    shown = ordered[:limit]
    return tuple(shown), cursor(key(shown[-1])) if len(ordered) > limit else None


def cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def opened(given: str, *, like: Any, key: Callable[[Any], SortKey]) -> SortKey:  # noqa: ANN401 a row
    """Refuse what was made by nobody, or for rows that are sorted by something else."""
    try:
        text = base64.urlsafe_b64decode(given[:LONGEST_CURSOR] + "=" * (-len(given) % 4))
        last = msgspec.json.decode(text, type=tuple[str | int, str])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise refusal() from None
    if like is not None and type(last[0]) is not type(key(like)[0]):
        raise refusal()
    return last


def refusal() -> InvalidError:
    return InvalidError("cursor is not one of this list: begin again without it")
