"""What Prometheus is told of a server's own state."""

from collections.abc import Iterator

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from meshcore.measuring import ChecksLag, ServerMetrics
from meshcore.proxycfg.state import NoProxies
from meshcore.store.store import Store
from meshcore.tasks.due import PROBES
from tests.store.acting import put
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database
from tests.store.postgresql import free_port
from tests.store.redises import running_redis

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


def test_what_an_operator_alerts_on(store: Store) -> None:
    registry = CollectorRegistry()
    registry.register(ServerMetrics(store, NoProxies()))
    store.write_from_thread(put("web"), actor="test")
    store.heard = 3
    lines = generate_latest(registry).decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert {name: float(value) for name, value in samples} == {
        "tulle_store_index": 1,
        "tulle_store_index_lag": 2,
        "tulle_store_age_seconds": 0,
        "tulle_store_queue": 0,
        "tulle_store_away": 0,
        "tulle_redis_away": 0,
        "tulle_mesh_nodes": 1,
        "tulle_mesh_instances": 0,
        "tulle_xds_streams": 0,
        "tulle_xds_unsettled": 0,
        "tulle_xds_nacks_total": 0,
        "tulle_xds_streams_cut_total": 0,
    }


def test_workers_that_are_late() -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    registry = CollectorRegistry()
    registry.register(ChecksLag(url))
    assert generate_latest(registry) == b""
    with running_redis(port), redis.Redis.from_url(url) as client:
        assert b"tulle_checks_lag_seconds 0.0\n" in generate_latest(registry)
        client.zadd(PROBES, {"late": client.time()[0] - 60, "due": client.time()[0] + 60})
        lag = float(generate_latest(registry).split()[-1])
        assert 60 <= lag < 120
