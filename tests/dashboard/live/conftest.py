"""Tabs that are open on a dashboard."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import msgspec
import pytest
from websockets import Origin
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from dashboard.browser import COOKIE
from tests.dashboard.asking import Dashboard

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
