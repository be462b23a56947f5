"""`/api` on a port of its own, over a store in a new SQLite file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.wsgi import get_wsgi_application
from pytest_django.plugin import DjangoDbBlocker

from meshcore.rest_api import context
from meshcore.store.store import Store
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
            context.provide(store=store, callers=callers(store))
            try:
                yield store
            finally:
                store.close()


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
