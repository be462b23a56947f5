"""The database's schema, brought up to date at every start."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from meshcore.lib.errors import UnavailableError
from meshcore.store.failures import sentence

LOCK = 0x7011E  # any number, as long as every server takes the same
PAUSE_S = 0.2  # between two looks at a schema that is not there yet


def migrate() -> None:
    """Of several servers that start at once, one migrates and the others wait for it."""
    try:
        with _alone():
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise UnavailableError(f"the database cannot be used: {sentence(error)}") from error
    finally:
        connection.close()


def wait_until_migrated() -> None:
    """Workers leave the schema to a server, and begin when it has brought it up to date."""
    try:
        while not _is_up_to_date():
            time.sleep(PAUSE_S)
    except DatabaseError as error:
        raise UnavailableError(f"the database cannot be used: {sentence(error)}") from error
    finally:
        connection.close()


def _is_up_to_date() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


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
