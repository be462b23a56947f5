from collections.abc import Iterator

import pytest

from meshcore.store.store import Store
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()
