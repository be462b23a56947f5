"""The database is away or full: a clear error, the old mesh in force, and no help needed after."""

import contextlib
import logging
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from meshcore.lib.errors import UnavailableError
from meshcore.store import log, writer
from meshcore.store.store import Store
from meshcore.store.writer import CheckpointPolicy
from tests.store import postgresql
from tests.store.acting import nodes, put
from tests.store.conftest import known_to_django
from tests.store.databases import Database
from tests.store.interceptor import Interceptor

Opened = Callable[..., Store]
NEVER = CheckpointPolicy(every_s=3600, every_entries=10**9)
LARGE = "x" * 50_000


@contextlib.contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Refuse to let any file of this process grow beyond, as a full disk does."""
    _, most = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_takes_no_more_bytes(sqlite: Database, opened: Opened) -> None:
    store = opened(sqlite, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    before = store.mesh
    written_ahead = Path(sqlite.url.removeprefix("sqlite:///") + "-wal")
    with files_end_at(written_ahead.stat().st_size + 20_000):
        for name in ("api", "db"):
            with pytest.raises(UnavailableError, match="the disk failed: nothing was written"):
                store.write_from_thread(put(name, text=LARGE), actor="test")
        assert store.mesh is before
    store.write_from_thread(put("db", text=LARGE), actor="test")
    assert nodes(store.mesh) == nodes(opened(sqlite).mesh) == {"web": (1, 1), "db": (2, 2)}


def test_a_database_that_has_reached_its_largest_size(sqlite: Database, opened: Opened) -> None:
    options = connections.settings[sqlite.alias]["OPTIONS"]
    usual = options["init_command"]
    options["init_command"] = f"{usual}; PRAGMA max_page_count=30"
    store = opened(sqlite, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    before = store.mesh
    with pytest.raises(UnavailableError, match="the disk is full: nothing was written"):
        store.write_from_thread(put("api", text=LARGE * 10), actor="test")
    assert store.mesh is before
    options["init_command"] = usual
    store.write_from_thread(put("db"), actor="test")
    assert nodes(store.mesh) == {"web": (1, 1), "db": (2, 2)}


def test_a_database_that_another_process_keeps_locked(
    sqlite: Database, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    connections.settings[sqlite.alias]["OPTIONS"]["timeout"] = 0.01
    store = opened(sqlite, checkpoints=NEVER)
    with transaction.atomic(using=sqlite.alias):
        for name in ("web", "api"):
            with pytest.raises(UnavailableError, match="locked by another process: nothing was"):
                store.write_from_thread(put(name), actor="test")
    store.write_from_thread(put("db"), actor="test")
    assert nodes(store.mesh) == {"db": (1, 1)}
    told = [record.getMessage() for record in caplog.records if record.name == writer.__name__]
    assert told == [
        "no write is possible: the database is locked by another process",
        "the database takes writes again, at index 0",
    ]


def test_a_database_that_is_stopped_and_started_again(
    postgresql_server: postgresql.Server,
    fresh_postgresql: Database,
    opened: Opened,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)  # the traceback is no news here
    store = opened(fresh_postgresql, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    before = store.mesh
    postgresql_server.stop()
    try:
        for name in ("api", "db"):
            with pytest.raises(UnavailableError, match="the database is away: nothing was written"):
                store.write_from_thread(put(name), actor="test")
        assert store.mesh is before
    finally:
        postgresql_server.start()
    store.write_from_thread(put("db"), actor="test")
    assert (
        nodes(store.mesh) == nodes(opened(fresh_postgresql).mesh) == {"web": (1, 1), "db": (2, 2)}
    )


@pytest.fixture
def interceptor(postgresql_server: postgresql.Server) -> Iterator[Interceptor]:
    between = Interceptor(postgresql_server.port)
    yield between
    between.close()


def test_a_commit_whose_answer_is_lost_is_found_in_the_log(
    postgresql_server: postgresql.Server,
    fresh_postgresql: Database,
    interceptor: Interceptor,
    opened: Opened,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    url = fresh_postgresql.url.replace(f":{postgresql_server.port}/", f":{interceptor.port}/")
    with known_to_django(url) as intercepted:
        store = opened(intercepted, checkpoints=NEVER)
        store.write_from_thread(put("web"), actor="test")
        interceptor.is_armed = True
        with pytest.raises(UnavailableError, match="whether this was written shows when it is"):
            store.write_from_thread(put("api"), actor="test")
        assert nodes(store.mesh) == {"web": (1, 1)}
        again = store.write_from_thread(put("api"), actor="test")
        assert again.changes == ()
        assert nodes(store.mesh) == {"web": (1, 1), "api": (2, 2)}
        store.close()
    entries = log.entries(after=0, limit=9, alias=fresh_postgresql.alias)
    assert [entry.index for entry in entries] == [1, 2]


def test_an_older_backup_under_a_running_server_is_refused(
    database: Database, opened: Opened
) -> None:
    store = opened(database, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    with connections[database.alias].cursor() as cursor:
        cursor.execute("DELETE FROM mesh_log")
        cursor.execute("UPDATE mesh_counter SET last_index = 0")
    with pytest.raises(UnavailableError, match="an older backup was restored; restart the server"):
        store.write_from_thread(put("db"), actor="test")


def test_a_log_with_a_gap_is_refused(database: Database, opened: Opened) -> None:
    store = opened(database, checkpoints=NEVER)
    for name in ("web", "api", "db"):
        store.write_from_thread(put(name), actor="test")
    with connections[database.alias].cursor() as cursor:
        cursor.execute('DELETE FROM mesh_log WHERE "index" = 2')
    with pytest.raises(UnavailableError, match="the log goes from 1 to 3"):
        Store(alias=database.alias).open()


def test_a_database_without_tables_cannot_be_opened(
    tmp_path: Path, opened: Opened, django_db_blocker: DjangoDbBlocker
) -> None:
    with (
        django_db_blocker.unblock(),
        known_to_django(f"sqlite:///{tmp_path}/new.db") as database,
        pytest.raises(UnavailableError, match="the mesh cannot be loaded: the database failed"),
    ):
        opened(database)
