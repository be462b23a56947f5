"""A dashboard over a real store: `dashboard` without ACLs, `guarded` with them and default deny."""

import threading
from collections.abc import Iterator
from socket import create_server

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.test import Client
from msgspec.structs import replace

from dashboard import asgi, context
from dashboard.context import Context
from dashboard.live.hub import Hub
from meshcore.certificates.sealing import parse
from meshcore.certificates.types import Lifetimes
from meshcore.sockets import FrameSocket
from meshcore.store.callers import Callers
from meshcore.store.graphs import Graphs
from meshcore.store.history import History
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.traffic.live import Traffic
from tests.dashboard.asking import FACTS, Dashboard
from tests.logins.conftest import QuickServer
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


def provided(sqlite: Database, store: Store, callers: Callers) -> Dashboard:
    issuer = Issuer(store, sealing_key=parse("00" * 32), datacenter="dc1", lifetimes=Lifetimes())
    history = History(store, alias=sqlite.alias)
    traffic = Traffic()
    graphs = Graphs(store, default_allow=FACTS.default_allow, traffic=traffic)
    facts = replace(
        FACTS, history=history, graphs=graphs, traffic=traffic, acl_enabled=callers.is_enabled
    )
    context.provide(
        Context(
            store=store,
            callers=callers,
            issuer=issuer,
            history=history,
            facts=facts,
            hub=Hub(store, facts),
        )
    )
    return Dashboard(store, callers, Client())


@pytest.fixture
def dashboard(sqlite: Database, store: Store) -> Dashboard:
    return provided(sqlite, store, callers(store))


@pytest.fixture
def guarded(sqlite: Database, store: Store) -> Dashboard:
    """Nobody is logged in; `holding(rules)` is somebody who is."""
    return provided(sqlite, store, callers(store, is_enabled=True, default_allow=False))


@pytest.fixture
def place(store: object) -> Iterator[str]:
    """Where the server listens; whichever dashboard is provided answers."""
    handler = get_asgi_application()

    async def django(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await handler(dict(scope), receive, send)

    application = asgi.create(django=django)
    listener = create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        ws=FrameSocket,
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    serving = QuickServer(config)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    serving.should_exit = True
    thread.join()
    listener.close()
