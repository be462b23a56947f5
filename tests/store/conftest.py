"""A fresh, migrated database for each test, on SQLite and on a real PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from meshcore.configuration.database import entry
from meshcore.store.store import Store
from meshcore.store.writer import CheckpointPolicy
from tests.store import postgresql
from tests.store.databases import Database

NUMBERS = itertools.count(1)


@contextmanager
def known_to_django(url: str) -> Iterator[Database]:
    """Make the database one of Django's connections as long as it is used."""
    alias = f"database-{next(NUMBERS)}"
    default = connections.settings["default"]
    both = connections.configure_settings({"default": {**default}, alias: {**entry(url)}})
    connections.settings[alias] = both[alias]
    try:
        yield Database(alias=alias, url=url)
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def migrate(url: str) -> None:
    with known_to_django(url) as database:
        call_command("migrate", database=database.alias, verbosity=0)


@pytest.fixture(scope="session")
def sqlite_template(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Path:
    file = tmp_path_factory.mktemp("template") / "tulle.db"
    with django_db_blocker.unblock():
        migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_server(django_db_blocker: DjangoDbBlocker) -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        server.execute("CREATE DATABASE template")
        with django_db_blocker.unblock():
            migrate(server.url("template"))
        yield server


@pytest.fixture
def sqlite(
    tmp_path: Path, sqlite_template: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    file = tmp_path / "tulle.db"
    shutil.copy(sqlite_template, file)
    with django_db_blocker.unblock(), known_to_django(f"sqlite:///{file}") as database:
        yield database


@pytest.fixture
def fresh_postgresql(
    postgresql_server: postgresql.Server, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    name = f"test_{next(NUMBERS)}"
    # The other strategy makes the whole server write a checkpoint first.
    postgresql_server.execute(f"CREATE DATABASE {name} TEMPLATE template STRATEGY wal_log")
    with django_db_blocker.unblock(), known_to_django(postgresql_server.url(name)) as database:
        yield database


@pytest.fixture(params=["sqlite", "fresh_postgresql"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Open a store on a database; it is closed when the test ends."""
    stores: list[Store] = []

    def open_store(
        database: Database,
        *,
        redis_url: str | None = None,
        checkpoints: CheckpointPolicy | None = None,
    ) -> Store:
        store = Store(alias=database.alias, redis_url=redis_url, checkpoints=checkpoints)
        store.open()
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        store.close()


@pytest.fixture
def store(database: Database, opened: Callable[..., Store]) -> Store:
    return opened(database)
