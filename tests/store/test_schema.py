"""Two versions side by side: the older one goes on with the tables that a newer one has changed."""

import logging

import pytest
from django.db import connection
from django.db.migrations import AddField, AddIndex, CreateModel, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from meshcore.store import schema
from meshcore.store.store import Store
from tests.store.acting import nodes, put

# A server that does not know of these goes on as it did. What takes something away comes a release
# after the last one that needed it.
ADDING = (AddField, AddIndex, CreateModel, RunPython, RunSQL)


def test_migrations_only_add() -> None:
    loader = MigrationLoader(None)
    of_ours = [m for (app, _), m in loader.disk_migrations.items() if app == schema.APP]
    assert of_ours
    taking = [
        (migration.name, type(operation).__name__)
        for migration in of_ours
        for operation in migration.operations
        if not isinstance(operation, ADDING)
    ]
    assert taking == []


# Other tests of this database leave its tables empty: the counter has to be there again.
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_server_goes_on_with_the_tables_of_a_newer_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = MigrationRecorder(connection)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mesh_log ADD COLUMN of_tomorrow integer")
    recorder.record_applied(schema.APP, "9999_of_tomorrow")
    try:
        assert (schema.missing(), schema.unknown()) == ([], ["9999_of_tomorrow"])
        with caplog.at_level(logging.WARNING):
            schema.migrate()
        assert "a newer Tulle's, which added 9999_of_tomorrow" in caplog.text
        store = Store()
        store.open()
        written = store.write_from_thread(put("web"), actor="test")
        store.close()
        assert "web" in nodes(written.mesh)
    finally:
        recorder.record_unapplied(schema.APP, "9999_of_tomorrow")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mesh_log DROP COLUMN of_tomorrow")
