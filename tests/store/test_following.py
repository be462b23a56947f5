import asyncio
from collections.abc import Callable

import pytest

from meshcore.mesh.types import Mesh
from meshcore.store import channel, pings, writer
from meshcore.store.store import Store
from tests.store.acting import node_key, nodes, put
from tests.store.databases import Database
from tests.store.postgresql import free_port
from tests.store.redises import running_redis, until_heard_by

Opened = Callable[..., Store]


@pytest.fixture
def no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "POLL_S", 3600.0)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "RETRY_S", 0.02)


def test_another_process_sees_a_write_by_polling(
    store: Store, database: Database, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "POLL_S", 0.01)
    other = opened(database)
    store.write_from_thread(put("web"), actor="test")
    mesh = other.wait_from_thread(node_key("web"), after=0, timeout_s=60)
    assert nodes(mesh) == {"web": (1, 1)}


@pytest.mark.usefixtures("no_polls")
def test_a_ping_makes_another_process_look(database: Database, opened: Opened) -> None:
    port = free_port()
    with running_redis(port):
        url = f"redis://127.0.0.1:{port}"
        one, other = opened(database, redis_url=url), opened(database, redis_url=url)
        until_heard_by(url, pings.CHANNEL, 2)
        one.write_from_thread(put("web"), actor="test")
        mesh = other.wait_from_thread(node_key("web"), after=0, timeout_s=60)
        assert nodes(mesh) == {"web": (1, 1)}
        one.close()
        other.close()


@pytest.mark.usefixtures("no_polls", "quick_retries")
def test_writes_go_on_without_redis_and_pings_come_back_with_it(
    database: Database, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    one, other = opened(database, redis_url=url), opened(database, redis_url=url)
    for name in ("web", "api"):
        one.write_from_thread(put(name), actor="test")
    with running_redis(port):
        until_heard_by(url, pings.CHANNEL, 2)
        while other.mesh.index < 3 and one.mesh.index < 1000:  # its sender too has to come back
            one.write_from_thread(put("db", f"10.0.0.{one.mesh.index}"), actor="test")
            other.wait_from_thread(node_key("db"), after=0, timeout_s=0.02)
        assert set(other.mesh.registry.nodes) == {"web", "api", "db"}
        one.close()
        other.close()
    told = [record.getMessage() for record in caplog.records if record.name == channel.__name__]
    assert len([line for line in told if line.startswith("Redis is away")]) <= 2 * 2


@pytest.mark.usefixtures("no_polls")
def test_who_asks_for_it_gets_what_others_have_committed(
    store: Store, database: Database, opened: Opened
) -> None:
    other = opened(database)
    store.write_from_thread(put("web"), actor="test")
    assert nodes(asyncio.run(other.up_to_date())) == {"web": (1, 1)}


@pytest.mark.usefixtures("no_polls")
def test_a_write_runs_on_what_others_have_committed(
    store: Store, database: Database, opened: Opened
) -> None:
    other = opened(database)
    for number in range(3):
        store.write_from_thread(put(f"web-{number}"), actor="test")
    written = other.write_from_thread(put("db"), actor="test")
    assert nodes(written.mesh) == {"web-0": (1, 1), "web-1": (2, 2), "web-2": (3, 3), "db": (4, 4)}


def test_what_a_process_finds_at_its_start_is_not_news(
    store: Store, database: Database, opened: Opened
) -> None:
    store.write_from_thread(put("web"), actor="test")
    mesh: Mesh = opened(database).mesh
    assert (mesh.index, mesh.floor, dict(mesh.touched)) == (1, 1, {})
