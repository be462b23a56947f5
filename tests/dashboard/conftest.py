"""A dashboard over a real store: without ACLs as `dashboard`."""

from collections.abc import Iterator

import pytest
from django.test import Client

from dashboard import context
from dashboard.context import Context
from meshcore.certificates.sealing import parse
from meshcore.certificates.types import Lifetimes
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from tests.dashboard.asking import FACTS, Dashboard
from tests.store.calling import callers
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


@pytest.fixture
def dashboard(store: Store) -> Dashboard:
    anybody = callers(store)
    issuer = Issuer(store, sealing_key=parse("00" * 32), datacenter="dc1", lifetimes=Lifetimes())
    context.provide(Context(store=store, callers=anybody, issuer=issuer, facts=FACTS))
    return Dashboard(store, anybody, Client())
