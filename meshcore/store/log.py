"""The log and its counter in the database, in SQL that SQLite and PostgreSQL both take."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from meshcore.lib.errors import UnavailableError
from meshcore.mesh.encoding import decode_changes
from meshcore.mesh.types import Change
from meshcore.models.log import LogEntry

LAST_INDEX = "SELECT last_index FROM mesh_counter WHERE id = 1"
COUNT = "UPDATE mesh_counter SET last_index = %s WHERE id = 1"
APPEND = 'INSERT INTO mesh_log ("index", at, actor, reason, changes) VALUES (%s, %s, %s, %s, %s)'
READ = 'SELECT "index", changes FROM mesh_log WHERE "index" > %s ORDER BY "index" LIMIT %s'
BATCH = 5_000  # entries held at once while many are read


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    at: datetime
    actor: str
    reason: str
    changes: tuple[Change, ...]


class Row(msgspec.Struct, frozen=True):
    index: int
    actor: str
    reason: str
    changes: str


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


def append(connection: BaseDatabaseWrapper, rows: Sequence[Row], *, at: datetime) -> None:
    """Add entries that follow the last index; the caller holds the lock."""
    adapted = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.executemany(
            APPEND, [(row.index, adapted, row.actor, row.reason, row.changes) for row in rows]
        )
        cursor.execute(COUNT, [rows[-1].index])


def follow(
    connection: BaseDatabaseWrapper, *, after: int
) -> Iterator[tuple[int, tuple[Change, ...]]]:
    """Yield index and changes of each entry after this one, in order and without a gap."""
    for index, text in follow_text(connection, after=after):
        yield index, decode_changes(text)


def follow_text(connection: BaseDatabaseWrapper, *, after: int) -> Iterator[tuple[int, str]]:
    """Yield the entries' changes as they are kept."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(READ, [after, BATCH])
            rows = cursor.fetchall()
        for index, text in rows:
            if index != after + 1:
                raise UnavailableError(
                    f"the log goes from {after} to {index}: entries between them were removed"
                )
            after = index
            yield index, text
        if len(rows) < BATCH:
            return


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
