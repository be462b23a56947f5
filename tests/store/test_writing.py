import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from meshcore.lib.errors import ConflictError, InvalidError, UnavailableError
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Node
from meshcore.store import jobs, log
from meshcore.store.store import Store, Written
from tests.store.acting import delete, fail, increment, nodes, put, refuse
from tests.store.databases import Database

WEB = Node(name="web", address="10.0.0.1")
Opened = Callable[..., Store]


def write(store: Store, *actions: Callable[..., object]) -> list[Written | BaseException]:
    """Have all actions wait for the writer at once, as they do from many callers."""

    async def together() -> list[Written | BaseException]:
        asked = [store.write(action, actor="test") for action in actions]  # type: ignore[arg-type]
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(together())


def test_a_write_answers_with_its_number_its_changes_and_the_mesh_it_left(store: Store) -> None:
    written = store.write_from_thread(put("web"), actor="test")
    change = Change(Topic.NODE, ("web",), None, WEB)
    assert (written.index, written.changes) == (1, (change,))
    assert written.mesh.registry.node("web") == WEB
    assert store.mesh.registry is written.mesh.registry


def test_a_write_that_changes_nothing_takes_no_number(store: Store, database: Database) -> None:
    store.write_from_thread(put("web"), actor="test")
    before = store.mesh
    written = store.write_from_thread(put("web"), actor="test")
    assert written == Written(1, (), before)
    assert [entry.index for entry in log.entries(after=0, limit=9, alias=database.alias)] == [1]


def test_each_action_of_a_group_runs_on_the_mesh_that_the_former_left(store: Store) -> None:
    answers = write(store, *[increment("web")] * 50)
    assert [answer.index for answer in answers if isinstance(answer, Written)] == [*range(1, 51)]
    node = store.mesh.registry.node("web")
    assert node is not None
    assert node.meta == {"count": "50"}


def test_a_refused_action_costs_only_itself(store: Store) -> None:
    first, refused, second = write(store, put("web"), refuse, put("db"))
    assert isinstance(first, Written)
    assert isinstance(second, Written)
    assert isinstance(refused, ConflictError)
    assert nodes(store.mesh) == {"web": (1, 1), "db": (2, 2)}


def test_an_action_that_fails_costs_only_itself_and_is_logged(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    _, failed, _ = write(store, put("web"), fail, put("db"))
    assert isinstance(failed, ZeroDivisionError)
    assert nodes(store.mesh) == {"web": (1, 1), "db": (2, 2)}
    assert [record.getMessage() for record in caplog.records] == ["an action of test failed"]


def test_a_name_that_no_index_can_hold_is_refused(store: Store) -> None:
    with pytest.raises(InvalidError, match="the name of this node is too long"):
        store.write_from_thread(put("n" * 401), actor="test")


def test_the_log_says_who_did_what_and_why(store: Store, database: Database) -> None:
    store.write_from_thread(put("web"), actor="alice", reason="opening\0 day")
    store.write_from_thread(delete("web"), actor="bob")
    entries = log.entries(after=0, limit=9, alias=database.alias)
    assert [(e.index, e.actor, e.reason, e.changes) for e in entries] == [
        (1, "alice", "opening\ufffd day", (Change(Topic.NODE, ("web",), None, WEB),)),
        (2, "bob", "", (Change(Topic.NODE, ("web",), WEB, None),)),
    ]
    assert log.newest(limit=1, alias=database.alias) == entries[1:]
    assert log.newest(limit=1, before=2, alias=database.alias) == entries[:1]


def test_a_caller_that_went_away_does_not_stop_the_others(store: Store) -> None:
    async def ask() -> Written:
        gone = asyncio.ensure_future(store.write(put("web"), actor="test"))
        await asyncio.sleep(0)
        gone.cancel()
        return await store.write(put("db"), actor="test")

    assert nodes(asyncio.run(ask()).mesh) == {"web": (1, 1), "db": (2, 2)}


def test_callers_beyond_the_bound_are_told_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LONGEST_QUEUE", 3)
    is_held, may_go_on = threading.Event(), threading.Event()

    def hold(mesh: Mesh) -> Iterator[Change]:
        is_held.set()
        may_go_on.wait()
        yield from ()

    async def ask() -> list[Written | BaseException]:
        holding = asyncio.ensure_future(store.write(hold, actor="test"))
        await asyncio.sleep(0)
        await asyncio.to_thread(is_held.wait)
        asked = [asyncio.ensure_future(store.write(put(name), actor="test")) for name in "abcde"]
        await asyncio.sleep(0)
        may_go_on.set()
        await holding
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(ask())
    assert [type(answer) for answer in answers] == [Written] * 3 + [UnavailableError] * 2
    assert nodes(store.mesh) == {"a": (1, 1), "b": (2, 2), "c": (3, 3)}


def test_a_closed_store_finishes_what_is_queued_and_takes_no_more(
    database: Database, opened: Opened
) -> None:
    store = Store(alias=database.alias)

    async def use() -> list[Written]:
        await store.start()
        asked = [asyncio.ensure_future(store.write(increment("web"), actor="t")) for _ in range(9)]
        await asyncio.sleep(0)
        await store.stop()
        with pytest.raises(UnavailableError, match="stopping"):
            await store.write(put("db"), actor="test")
        return await asyncio.gather(*asked)

    assert [written.index for written in asyncio.run(use())] == [*range(1, 10)]
    assert nodes(opened(database).mesh) == {"web": (1, 9)}
