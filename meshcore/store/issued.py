"""The record of issued certificates: written with the log entry that puts one in force.

In the same transaction, so that there is none in force without its record; as one statement a
group, so that a leaf costs no more than before. Each is kept for a while after its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from meshcore.certificates.issued import Record, of_leaf, of_root
from meshcore.certificates.types import Leaf, Root
from meshcore.mesh.types import Change, Topic
from meshcore.models.issued import IssuedCertificate
from meshcore.store.log import Row

KEPT_FOR = timedelta(days=7)  # after its end
LONGEST_PAGE = 1000
PRUNED_AT_ONCE = 5_000  # in one transaction, which keeps the writer waiting
COLUMNS = (
    "serial",
    "kind",
    "spiffe_id",
    "service",
    "issuer",
    "node",
    "instance",
    "not_before",
    "not_after",
    "index",
)
NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
MARKS = ", ".join(["%s"] * len(COLUMNS))
APPEND = (
    f"INSERT INTO mesh_issued_certificate ({NAMES}) VALUES ({MARKS})"  # noqa: S608 - constants
    " ON CONFLICT DO NOTHING"
)
EXPIRED = "SELECT serial FROM mesh_issued_certificate WHERE not_after < %s LIMIT %s"
PRUNE = f"DELETE FROM mesh_issued_certificate WHERE serial IN ({EXPIRED})"  # noqa: S608 - constants


def append(connection: BaseDatabaseWrapper, rows: Sequence[Row]) -> None:
    """Record what these entries have issued; the caller is about to commit them."""
    records = [
        record
        for row in rows
        for change in row.entry.changes
        for record in issued_by(change, index=row.entry.index)
    ]
    if records:
        insert(connection, records)


def insert(connection: BaseDatabaseWrapper, records: Iterable[Record]) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    lines = [
        tuple(
            adapt(value) if isinstance(value, datetime) else value
            for value in (getattr(record, column) for column in COLUMNS)
        )
        for record in records
    ]
    with connection.cursor() as cursor:
        cursor.executemany(APPEND, lines)


def issued_by(change: Change, *, index: int) -> Iterator[Record]:
    match change:
        case Change(topic=Topic.LEAF, key=(key,), after=Leaf() as leaf):
            yield of_leaf(key, leaf, index=index)
        case Change(topic=Topic.ROOT, before=None, after=Root() as root):
            yield from of_root(root, index=index)


def insert_from_thread(record: Record, *, alias: str) -> None:
    try:
        insert(connections[alias], [record])
    finally:
        connections[alias].close()  # this thread may never come here again


def prune(*, now: datetime, alias: str = "default") -> int:
    """Drop what has ended long ago; return how many. For a thread."""
    connection, dropped = connections[alias], 0
    before = connection.ops.adapt_datetimefield_value(now - KEPT_FOR)
    try:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(PRUNE, [before, PRUNED_AT_ONCE])
                some: int = cursor.rowcount
            dropped += some
            if some < PRUNED_AT_ONCE:
                return dropped
    finally:
        connection.close()


def found(
    *,
    service: str = "",
    serial: str = "",
    node: str = "",
    after: tuple[datetime, str] | None = None,
    limit: int,
    alias: str = "default",
) -> list[Record]:
    """Those that end last come first; `after` is the end and serial of the last one seen."""
    rows = IssuedCertificate.objects.using(alias).order_by("-not_after", "-serial")
    for name, value in (("service", service), ("serial", serial), ("node", node)):
        if value:
            rows = rows.filter(**{name: value})
    if after is not None:
        end, last = after
        rows = rows.filter(Q(not_after__lt=end) | Q(not_after=end, serial__lt=last))
    try:
        return [record_of(row) for row in rows[: min(limit, LONGEST_PAGE)]]
    finally:
        connections[alias].close()


def record_of(row: IssuedCertificate) -> Record:
    return Record(**{column: getattr(row, column) for column in COLUMNS})
