"""However it gets there, by rows, by the log or by both, a process ends in the same mesh."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from immutables import Map

from meshcore.mesh.types import Mesh
from meshcore.store import checkpoint, group, log
from meshcore.store.store import Action, Store
from meshcore.store.writer import CheckpointPolicy, Writer
from tests.mesh.strategies import ACTION_STEPS, Step, action
from tests.store.acting import delete, nodes, put
from tests.store.databases import Database

Opened = Callable[..., Store]
NEVER = CheckpointPolicy(every_s=3600, every_entries=10**9)
ALWAYS = CheckpointPolicy(every_s=0, every_entries=1)


class Ask(msgspec.Struct):
    action: Action
    actor: str = "test"
    reason: str = ""


def values_of(mesh: Mesh) -> Mesh:
    """The mesh without what is only known to the process that saw the changes happen."""
    return msgspec.structs.replace(mesh, floor=0, touched=Map())


def empty(database: Database) -> None:
    with connections[database.alias].cursor() as cursor:
        for table in ("mesh_log", "mesh_value"):
            cursor.execute(f"DELETE FROM {table}")
        for table in ("mesh_counter", "mesh_checkpoint"):
            cursor.execute(f"UPDATE {table} SET last_index = 0")


def loaded(database: Database) -> Mesh:
    """The mesh that a process has which starts now."""
    return values_of(writer_of(database).mesh)


def writer_of(database: Database) -> Writer:
    """A loaded writer whose checkpoint can be driven slice by slice."""
    store = Store(alias=database.alias, checkpoints=ALWAYS)
    store._writer.load()
    return store._writer


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(writes=st.lists(ACTION_STEPS, min_size=1, max_size=12), data=st.data())
def test_one_by_one_in_groups_followed_and_loaded_it_is_the_same_mesh(
    database: Database, writes: list[list[Step]], data: st.DataObject
) -> None:
    empty(database)
    actions = [action(steps) for steps in writes]
    alone = Mesh()
    for run in actions:
        progress = group.Progress(alone)
        group.run(progress, [Ask(run)], at=datetime.now(UTC))
        progress.finish()
        alone = progress.mesh
    policy = data.draw(st.sampled_from([NEVER, ALWAYS]))
    stores = [Store(alias=database.alias, checkpoints=policy) for _ in range(2)]
    for store in stores:
        store.open()

    async def write_in_groups() -> None:
        rest = actions
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            some, rest = rest[:size], rest[size:]
            store = data.draw(st.sampled_from(stores))
            await asyncio.gather(*(store.write(run, actor="test") for run in some))
        for store in stores:
            await store.up_to_date()

    asyncio.run(write_in_groups())
    assert [store.mesh for store in stores] == [alone, alone]
    assert loaded(database) == values_of(alone)
    for store in stores:
        store.close()
    assert loaded(database) == values_of(alone)


def test_the_values_are_rows_once_a_store_has_closed(database: Database, opened: Opened) -> None:
    store = opened(database, checkpoints=NEVER)
    for run in (put("web"), put("db"), put("web", "10.0.0.2"), delete("db")):
        store.write_from_thread(run, actor="test")
    assert checkpoint.last_index(connections[database.alias]) == 0
    store.close()
    mesh = checkpoint.load(connections[database.alias])
    assert (mesh.index, nodes(mesh)) == (4, {"web": (1, 3)})


def test_writes_between_two_slices_of_a_checkpoint_do_no_harm(
    database: Database, opened: Opened
) -> None:
    store = opened(database, checkpoints=NEVER)
    for number in range(300):
        store.write_from_thread(put(f"web-{number}"), actor="test")
    saving = writer_of(database)
    saving._save_some()
    rest = [key[0] for _, key in saving._unsaved.pending]
    assert len(rest) == 300 - 256
    in_row = next(name for name in store.mesh.registry.nodes if name not in rest)
    store.write_from_thread(delete(in_row), actor="test")
    store.write_from_thread(put(in_row, "10.0.0.9"), actor="test")
    store.write_from_thread(delete(rest[0]), actor="test")
    assert loaded(database) == values_of(store.mesh)  # as after a crash between the slices
    saving._save_some()
    assert checkpoint.last_index(connections[database.alias]) == 300
    assert loaded(database) == values_of(store.mesh)


def test_of_two_processes_the_one_that_saves_later_undoes_nothing(
    database: Database, opened: Opened
) -> None:
    store = opened(database, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    store.write_from_thread(put("db"), actor="test")
    late = writer_of(database)
    late._unsaved.begin(late.mesh)  # and then it is held up
    store.write_from_thread(delete("db"), actor="test")
    store.write_from_thread(put("web", "10.0.0.2"), actor="test")
    store.close()
    late._save_some()
    mesh = checkpoint.load(connections[database.alias])
    assert (mesh.index, nodes(mesh)) == (4, {"web": (1, 4)})


def test_what_another_process_has_saved_is_not_saved_again(
    database: Database, opened: Opened
) -> None:
    store = opened(database, checkpoints=NEVER)
    store.write_from_thread(put("web"), actor="test")
    other = writer_of(database)
    store.close()
    with connections[database.alias].cursor() as cursor:
        cursor.execute("DELETE FROM mesh_value")
    other._save_some()
    assert nodes(checkpoint.load(connections[database.alias])) == {}


def test_entries_are_read_in_batches_without_a_gap(database: Database, opened: Opened) -> None:
    store = opened(database, checkpoints=NEVER)
    for number in range(5):
        store.write_from_thread(put(f"web-{number}"), actor="test")
    found = log.follow(connections[database.alias], after=1)
    assert [entry.index for entry in found] == [2, 3, 4, 5]
