"""What Prometheus is told of a server's own state."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from meshcore.measuring import ServerMetrics
from meshcore.proxycfg.state import NoProxies
from meshcore.store.store import Store
from tests.store.acting import put
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database

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
