"""A server is killed at any moment: what it has acknowledged is there after the restart."""

import os
import random
import signal
from collections.abc import Callable

import pytest

from meshcore.mesh.types import Topic
from meshcore.store import log
from meshcore.store.store import Store
from tests.store.acting import count
from tests.store.databases import Database
from tests.store.processes import WritingProcess
from tests.store.writing_process import SHARED

Opened = Callable[..., Store]
TIMES = int(os.environ.get("TULLE_TEST_KILLS", "200"))


def kill_again_and_again(database: Database, *, times: int, seed: int) -> dict[int, str]:
    """Return all that was ever acknowledged, by index."""
    chance = random.Random(seed)
    acknowledged: dict[int, str] = {}
    began_at = 0
    for number in range(times):
        writer = WritingProcess(database, prefix=f"run{number}", writers=16, writes=10**6)
        assert writer.began_at >= max(acknowledged, default=began_at)
        began_at = writer.began_at
        writer.go()
        acknowledged |= writer.acknowledged(at_most=chance.randint(1, 1500))
        writer.kill()
        acknowledged |= writer.acknowledged()
        assert writer.wait() == -signal.SIGKILL
    return acknowledged


def verify(store: Store, database: Database, acknowledged: dict[int, str]) -> None:
    mesh = store.mesh
    entries = log.entries(after=0, limit=10**6, alias=database.alias)
    assert [entry.index for entry in entries] == [*range(1, mesh.index + 1)]
    created = {
        entry.index: change.key[0]
        for entry in entries
        for change in entry.changes
        if change.topic is Topic.NODE and change.key[0] != SHARED
    }
    assert acknowledged.items() <= created.items()
    nodes = mesh.registry.nodes
    in_mesh = {record.create_index: name for name, record in nodes.items() if name != SHARED}
    assert in_mesh == created
    assert count(mesh, SHARED) == mesh.index


def test_what_was_acknowledged_survives_a_kill(sqlite: Database, opened: Opened) -> None:
    acknowledged = kill_again_and_again(sqlite, times=5, seed=1)
    verify(opened(sqlite), sqlite, acknowledged)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_was_acknowledged_survives_hundreds_of_kills(
    database: Database, opened: Opened
) -> None:
    acknowledged = kill_again_and_again(database, times=TIMES, seed=2)
    verify(opened(database), database, acknowledged)


def test_two_processes_that_write_at_once_lose_nothing(database: Database, opened: Opened) -> None:
    follower = opened(database)
    seen: list[int] = []
    writers = [
        WritingProcess(database, prefix=prefix, writers=8, writes=25) for prefix in ("a", "b")
    ]
    for writer in writers:
        writer.go()
    acknowledged = [writer.acknowledged() for writer in writers]
    assert [writer.wait() for writer in writers] == [0, 0]
    indexes = sorted([*acknowledged[0], *acknowledged[1]])
    assert indexes == [*range(1, 401)]
    while not seen or seen[-1] < 400:
        seen.append(
            follower.wait_from_thread(
                [("node", SHARED)], after=follower.mesh.index, timeout_s=5
            ).index
        )
    assert seen == sorted(seen)
    for store in (follower, opened(database)):
        verify(store, database, acknowledged[0] | acknowledged[1])
