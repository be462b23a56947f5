"""`/api` on a port of its own, over a store in a new SQLite file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.wsgi import get_wsgi_application
from pytest_django.plugin import DjangoDbBlocker

from meshcore.certificates.sealing import parse
from meshcore.certificates.types import Lifetimes
from meshcore.rest_api import context
from meshcore.rest_api.context import Context
from meshcore.store.callers import Callers
from meshcore.store.graphs import Graphs
from meshcore.store.history import History
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.traffic.live import Traffic
from tests.store.calling import callers
from tests.store.conftest import known_to_django, migrate


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stored(folder: Path, blocker: DjangoDbBlocker) -> Iterator[Store]:
    """Provide the views with a store."""
    url = f"sqlite:///{folder / 'tulle.db'}"
    with blocker.unblock():
        migrate(url)
        with known_to_django(url) as database:
            store = Store(alias=database.alias)
            store.open()
            provide(store, callers(store), alias=database.alias)
            try:
                yield store
            finally:
                store.close()


def provide(store: Store, callers: Callers, *, alias: str) -> None:
    traffic = Traffic()
    graphs = Graphs(store, default_allow=False, traffic=traffic)
    history = History(store, alias=alias)
    issuer = Issuer(store, sealing_key=parse("00" * 32), datacenter="dc1", lifetimes=Lifetimes())
    context.provide(
        Context(
            store=store,
            callers=callers,
            graphs=graphs,
            history=history,
            issuer=issuer,
            traffic=traffic,
        )
    )


@contextmanager
def served() -> Iterator[str]:
    """Give the address under which the views answer."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
