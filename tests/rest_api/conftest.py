"""`api` has ACLs on and default deny; `open_api` has none."""

from collections.abc import Iterator

import pytest

from meshcore.store.store import Store
from tests.rest_api.asking import Api
from tests.rest_api.serving import provide
from tests.store.calling import callers
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def kept(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


@pytest.fixture
def api(sqlite: Database, kept: Store) -> Api:
    known = callers(kept, is_enabled=True, default_allow=False)
    provide(kept, known, alias=sqlite.alias)
    return Api(kept, known, sqlite.alias)


@pytest.fixture
def open_api(sqlite: Database, kept: Store) -> Api:
    known = callers(kept)
    provide(kept, known, alias=sqlite.alias)
    return Api(kept, known, sqlite.alias)
