"""A server with a real store, asked in process."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from meshcore.actions import registry
from meshcore.certificates.sealing import parse
from meshcore.certificates.types import Lifetimes
from meshcore.consul_api import app
from meshcore.consul_api.context import Context
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from tests.consul_api.calling import Consul
from tests.store.calling import callers
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too

NODE_ID = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def store(sqlite: Database, runner: asyncio.Runner) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


@pytest.fixture
def context(store: Store) -> Context:
    issuer = Issuer(store, sealing_key=parse("00" * 32), datacenter="dc1", lifetimes=Lifetimes())
    return Context(
        store=store,
        callers=callers(store),
        issuer=issuer,
        node_name="node-1",
        node_id=NODE_ID,
    )


@pytest.fixture
def consul(context: Context, runner: asyncio.Runner) -> Consul:
    announce = partial(registry.announce, node=context.node)
    context.store.write_from_thread(announce, actor="server")
    return Consul(runner, app.create(context))
