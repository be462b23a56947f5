"""The database's schema, brought up to date at every start."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection

from meshcore.lib.errors import UnavailableError
from meshcore.store.failures import sentence

LOCK = 0x7011E  # any number, as long as every server takes the same


def migrate() -> None:
    """Of several servers that start at once, one migrates and the others wait for it."""
    try:
        with _alone():
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise UnavailableError(f"the database cannot be used: {sentence(error)}") from error
    finally:
        connection.close()


@contextmanager
def _alone() -> Iterator[None]:
    # SQLite lets only one transaction write at a time, and each migration is one transaction.
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
