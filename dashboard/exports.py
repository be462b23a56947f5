"""A list as a file: all rows that match, not only those that are shown."""

import csv
import io
from typing import Any

import msgspec
from django.http import HttpResponse

from dashboard.tables import Listing
from meshcore.lib.errors import InvalidError

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(listing: Listing[Any], format_: str) -> HttpResponse:
    columns = [column for column in listing.table.columns if listing.shows[column.name]]
    names = [column.name for column in columns]
    rows = [[column.value(row) for column in columns] for row in listing.matching]
    if format_ == "csv":
        return _file(_csv(names, rows), "text/csv; charset=utf-8", f"{listing.table.many}.csv")
    if format_ == "json":
        records = [dict(zip(names, row, strict=True)) for row in rows]
        body = msgspec.json.format(msgspec.json.encode(records))
        return _file(body, "application/json", f"{listing.table.many}.json")
    raise InvalidError(f'a list comes as csv or json, not as "{format_}"')


def _csv(names: list[str], rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> str:
    """Whoever registers a service must not have a spreadsheet run what they named it."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.startswith(FORMULA) and not isinstance(value, int | float) else text


def _file(body: bytes, type_: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(body, content_type=type_, headers={"Content-Disposition": disposition})
