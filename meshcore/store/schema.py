"""The database's schema, brought up to date at every start."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from meshcore.lib.errors import UnavailableError
from meshcore.store.failures import sentence

log = logging.getLogger(__name__)

LOCK = 0x7011E  # any number, as long as every server takes the same
APP = "meshcore"
PAUSE_S = 0.2  # between two looks at a schema that is not there yet


def migrate() -> None:
    """Of several servers that start at once, one migrates and the others wait for it."""
    try:
        with _alone():
            call_command("migrate", verbosity=0, interactive=False)
            if newer := unknown():
                log.warning("the database is a newer Tulle's, which added %s", ", ".join(newer))
    except DatabaseError as error:
        raise UnavailableError(f"the database cannot be used: {sentence(error)}") from error
    finally:
        connection.close()


def wait_until_migrated() -> None:
    """Workers leave the schema to a server, and begin when it has brought it up to date."""
    try:
        while missing():
            time.sleep(PAUSE_S)
    except DatabaseError as error:
        raise UnavailableError(f"the database cannot be used: {sentence(error)}") from error
    finally:
        connection.close()


def missing() -> list[str]:
    """The migrations that the next start applies, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [migration.name for migration, _ in plan]


def unknown() -> list[str]:
    """Those that a newer Tulle has applied: they only add, so that this one goes on as it did."""
    loader = MigrationExecutor(connection).loader
    applied = set(loader.applied_migrations) - set(loader.disk_migrations)
    return sorted(name for app, name in applied if app == APP)


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
