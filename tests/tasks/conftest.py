from collections.abc import Iterator

import pytest
from redis import Redis

from meshcore.store.store import Store
from tests.server.processes import free_port
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database
from tests.store.redises import running_redis

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    port = free_port()
    with running_redis(port):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server
