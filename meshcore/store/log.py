"""The log and its counter in the database, in SQL that SQLite and PostgreSQL both take."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from meshcore.lib.errors import UnavailableError
from meshcore.mesh.encoding import decode_changes
from meshcore.mesh.types import Change
from meshcore.models.log import LogEntry

LAST_INDEX = "SELECT last_index FROM mesh_counter WHERE id = 1"
COUNT = "UPDATE mesh_counter SET last_index = %s WHERE id = 1"
APPEND = 'INSERT INTO mesh_log ("index", at, actor, reason, changes) VALUES (%s, %s, %s, %s, %s)'
AFTER = ' FROM mesh_log WHERE "index" > %s ORDER BY "index" LIMIT %s'
READ_TEXT = f'SELECT "index", changes{AFTER}'
READ = f'SELECT "index", at, actor, reason, changes{AFTER}'
BATCH = 5_000  # entries held at once while many are read


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    at: datetime
    actor: str
    reason: str
    changes: tuple[Change, ...]
    hidden: int = 0  # changes that its reader may not see


class Row(msgspec.Struct, frozen=True):
    """An entry that is yet to be written, with its changes as they are kept."""

    entry: Entry
    text: str


def lock(connection: BaseDatabaseWrapper) -> int:
    """Return the last index and keep all other writers out until the transaction ends.

    Because of that, numbers become visible in their order: a reader that has seen index N will
    never be shown a smaller one that it missed.
    """
    # SQLite has no row locks; there, the transaction itself began as the only writer.
    locking = " FOR UPDATE" if connection.features.has_select_for_update else ""
    return _last_index(connection, LAST_INDEX + locking)


def last_index(connection: BaseDatabaseWrapper) -> int:
    return _last_index(connection, LAST_INDEX)


def _last_index(connection: BaseDatabaseWrapper, query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()
    if found is None:
        raise UnavailableError("the database has no change counter: run its migrations")
    return int(found[0])


def append(connection: BaseDatabaseWrapper, rows: Sequence[Row]) -> None:
    """Add entries that follow the last index; the caller holds the lock."""
    adapt = connection.ops.adapt_datetimefield_value
    lines = [
        (row.entry.index, adapt(row.entry.at), row.entry.actor, row.entry.reason, row.text)
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(APPEND, lines)
        cursor.execute(COUNT, [rows[-1].entry.index])


def follow(connection: BaseDatabaseWrapper, *, after: int) -> Iterator[Entry]:
    """Yield each entry after this one, in order and without a gap."""
    for index, at, actor, reason, text in _read(connection, READ, after=after):
        yield Entry(
            index=index, at=_moment(at), actor=actor, reason=reason, changes=decode_changes(text)
        )


def follow_text(connection: BaseDatabaseWrapper, *, after: int) -> Iterator[tuple[int, str]]:
    """Yield the entries' changes as they are kept."""
    yield from _read(connection, READ_TEXT, after=after)


def _read(connection: BaseDatabaseWrapper, query: str, *, after: int) -> Iterator[tuple[Any, ...]]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [after, BATCH])
            rows = cursor.fetchall()
        for row in rows:
            if row[0] != after + 1:
                raise UnavailableError(
                    f"the log goes from {after} to {row[0]}: entries between them were removed"
                )
            after = row[0]
            yield row
        if len(rows) < BATCH:
            return


def _moment(at: datetime) -> datetime:
    """SQLite keeps times without a zone; they are in UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def entries(*, after: int, limit: int, alias: str = "default") -> list[Entry]:
    """Return entries for a page, oldest first."""
    found = LogEntry.objects.using(alias).filter(index__gt=after).order_by("index")
    return [entry_of(row) for row in found[:limit]]


def newest(*, limit: int, before: int | None = None, alias: str = "default") -> list[Entry]:
    """Return entries for a page, newest first."""
    found = LogEntry.objects.using(alias).order_by("-index")
    if before is not None:
        found = found.filter(index__lt=before)
    return [entry_of(row) for row in found[:limit]]


def entry_of(row: LogEntry) -> Entry:
    return Entry(
        index=row.index,
        at=row.at,
        actor=row.actor,
        reason=row.reason,
        changes=decode_changes(row.changes),
    )
