"""The log as people read it: in memory where it is new, from the database where it is old."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Change, Topic
from meshcore.store import history, writer
from meshcore.store.history import EVERYTHING, Found, History, Wanted
from meshcore.store.store import Store
from tests.store.acting import Action, delete, node_key, put
from tests.store.databases import Database

Opened = Callable[..., Store]
Reads = Callable[[Wanted], Found]

ALLOW = Intention(source="web", destination="db", action="allow")
DAY = timedelta(days=1)


def everything(_change: Change) -> bool:
    return True


def but_nodes(change: Change) -> bool:
    return change.topic != Topic.NODE


def allow() -> Action:
    entry = ServiceIntentions(destination="db", intentions=(ALLOW,))
    return lambda _mesh: iter([Change(Topic.INTENTIONS, ("db",), None, entry)])


def indexes(found: Found) -> list[int]:
    return [entry.index for entry in found.entries]


@pytest.fixture
def written(store: Store) -> Store:
    """Five entries: web comes and goes, db comes, web may call it, and db moves."""
    store.write_from_thread(put("web"), actor="token alice", reason="Opening day")
    store.write_from_thread(put("db"), actor="token alice", reason="opening day")
    store.write_from_thread(delete("web"), actor="token bob")
    store.write_from_thread(allow(), actor="token bob", reason="TICKET-7")
    store.write_from_thread(put("db", "10.0.0.9"), actor="server")
    return store


@pytest.fixture(params=["memory", "database"])
def reads(request: pytest.FixtureRequest, written: Store, database: Database) -> Reads:
    """Both ways have to find the same."""
    log = History(written, alias=database.alias)
    if request.param == "memory":
        return lambda wanted: log.recent(wanted, upto=5, limit=9, may_see=everything)
    return lambda wanted: log.older(wanted, before=6, limit=9, may_see=everything)


INTENTIONS, NODES = frozenset({Topic.INTENTIONS}), frozenset({Topic.NODE})


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(EVERYTHING, [5, 4, 3, 2, 1], id="all"),
        pytest.param(Wanted(topics=INTENTIONS), [4], id="topic"),
        pytest.param(Wanted(topics=INTENTIONS | NODES), [5, 4, 3, 2, 1], id="topics"),
        pytest.param(Wanted(name="web"), [4, 3, 1], id="name"),
        pytest.param(Wanted(name="we"), [], id="no part of a name"),
        pytest.param(Wanted(name="web", topics=NODES), [3, 1], id="name and topic"),
        pytest.param(Wanted(actor="ALICE"), [2, 1], id="actor"),
        pytest.param(Wanted(not_by=frozenset({"token alice"})), [5, 4, 3], id="not by somebody"),
        pytest.param(Wanted(reason="opening"), [2, 1], id="reason"),
        pytest.param(Wanted(reason="ticket", actor="alice"), [], id="reason of another actor"),
    ],
)
def test_entries_are_found_by_what_they_are_about_by_whom_and_why(
    reads: Reads, wanted: Wanted, found: list[int]
) -> None:
    assert indexes(reads(wanted)) == found


def test_entries_are_found_by_their_time(reads: Reads) -> None:
    times = {entry.index: entry.at for entry in reads(EVERYTHING).entries}
    now = datetime.now(UTC)
    assert indexes(reads(Wanted(since=times[4]))) == [5, 4]
    assert indexes(reads(Wanted(until=times[2]))) == [2, 1]
    assert indexes(reads(Wanted(since=times[2], until=times[3]))) == [3, 2]
    assert indexes(reads(Wanted(until=now - DAY))) == []
    assert reads(Wanted(since=now + DAY)) == Found(
        entries=(), before=None, looked_back_to=None, is_filtered=False
    )


def test_page_ends_at_its_limit_and_the_next_one_goes_on(
    written: Store, database: Database
) -> None:
    log = History(written, alias=database.alias)
    first = log.recent(upto=5, limit=2, may_see=everything)
    assert (indexes(first), first.before) == ([5, 4], 4)
    second = log.older(before=4, limit=2, may_see=everything)
    assert (indexes(second), second.before) == ([3, 2], 2)
    third = log.older(before=2, limit=2, may_see=everything)
    assert (indexes(third), third.before) == ([1], None)


def test_reader_of_an_older_mesh_sees_nothing_of_later(written: Store) -> None:
    assert indexes(History(written).recent(upto=3, limit=9, may_see=everything)) == [3, 2, 1]


def test_what_may_not_be_seen_is_hidden_and_said_to_be(written: Store, database: Database) -> None:
    log = History(written, alias=database.alias)
    for found in (
        log.recent(upto=5, limit=9, may_see=but_nodes),
        log.older(before=6, limit=9, may_see=but_nodes),
    ):
        assert (indexes(found), found.is_filtered) == ([4], True)
    assert not log.recent(upto=5, limit=9, may_see=everything).is_filtered


def test_one_entry_is_read_by_its_index(written: Store, database: Database) -> None:
    log = History(written, alias=database.alias)
    entry = log.entry(4, may_see=but_nodes)
    assert (entry.index, entry.actor, entry.reason) == (4, "token bob", "TICKET-7")
    for index in (3, 6, 0):
        with pytest.raises(NotFoundError, match=f"there is no change {index}"):
            log.entry(index, may_see=but_nodes)


def test_look_into_the_past_has_a_bound_and_says_how_far_it_went(
    written: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "BATCH", 2)
    monkeypatch.setattr(history, "MOST_READ", 4)
    log = History(written, alias=database.alias)
    rare = Wanted(reason="Opening day", name="web")
    found = log.older(rare, before=6, limit=9, may_see=everything)
    assert (indexes(found), found.before) == ([], 2)
    assert found.looked_back_to == log.entry(2, may_see=everything).at
    assert indexes(log.older(rare, before=2, limit=9, may_see=everything)) == [1]


def test_entries_of_other_processes_and_of_earlier_ones_are_in_memory_too(
    written: Store, database: Database, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "POLL_S", 0.01)
    other = opened(database)
    written.write_from_thread(put("api"), actor="token carol", reason="new")
    other.wait_from_thread(node_key("api"), after=5, timeout_s=60)
    assert other.recent.newest_first() == written.recent.newest_first()
    assert len(other.recent.newest_first()) == 6


def test_refused_and_failed_writes_leave_no_trace(store: Store) -> None:
    store.write_from_thread(put("web"), actor="test")
    store.write_from_thread(put("web"), actor="test")
    assert [entry.index for entry in store.recent.newest_first()] == [1]
