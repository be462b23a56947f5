"""The dashboard on a real socket, as the server runs it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from socket import create_server
from typing import Any

import msgspec
import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from websockets import Origin
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dashboard import asgi
from dashboard.browser import COOKIE
from tests.dashboard.asking import Dashboard
from tests.logins.conftest import QuickServer

PATIENCE_S = 20


class Tab(msgspec.Struct, frozen=True):
    """A browser's tab with its socket."""

    socket: ClientConnection

    def watch(self, url: str, version: str = "") -> None:
        self.socket.send(json.dumps({"watch": url, "version": version}))

    def told(self) -> Any:  # noqa: ANN401 any JSON
        """The next message that is no heartbeat."""
        while True:
            message = json.loads(self.socket.recv(timeout=PATIENCE_S))
            if message.keys() != {"index", "at"}:
                return message

    def closed(self) -> int | None:
        """The code with which the server closes it, after whatever it still says."""
        with suppress(ConnectionClosed):
            while True:
                self.socket.recv(timeout=PATIENCE_S)
        return self.socket.protocol.close_code


Open = Callable[..., Tab]


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
        ws="websockets-sansio",
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


@pytest.fixture
def opened(place: str) -> Iterator[Open]:
    """Open a tab of this browser; they are closed when the test ends."""
    with ExitStack() as stack:

        def open_tab(browser: Dashboard, **changed: str) -> Tab:
            headers = {"Origin": f"http://{place}"} | changed
            if COOKIE in browser.client.cookies:
                headers["Cookie"] = f"{COOKIE}={browser.client.cookies[COOKIE].value}"
            origin = headers.pop("Origin")
            socket = connect(
                f"ws://{place}/ui/live",
                origin=Origin(origin) if origin else None,
                additional_headers=headers,
            )
            return Tab(stack.enter_context(socket))

        yield open_tab
