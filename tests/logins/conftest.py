"""A server with ACLs on, default deny and a real socket."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from meshcore.consul_api import app
from meshcore.consul_api.context import Context
from tests.consul_api.acl_server import ADMIN, with_acls
from tests.consul_api.conftest import context, runner, sqlite, sqlite_template, store

__all__ = ["context", "runner", "sqlite", "sqlite_template", "store"]  # fixtures here too


class Server:
    """Asked over HTTP, as the administrator unless somebody else is named."""

    def __init__(self, http: httpx.Client, context: Context) -> None:
        self.http = http
        self.context = context

    def ask(
        self, method: str, target: str, body: object = None, *, secret: str = ADMIN
    ) -> httpx.Response:
        headers = {"x-consul-token": secret} if secret else {}
        return self.http.request(method, target, json=body, headers=headers)

    def put(self, target: str, body: object) -> Any:  # noqa: ANN401 any JSON
        reply = self.ask("PUT", target, body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def log_in(self, method: str, bearer: str, **more: object) -> httpx.Response:
        body = {"AuthMethod": method, "BearerToken": bearer, **more}
        return self.ask("POST", "/v1/acl/login", body, secret="")


class QuickServer(uvicorn.Server):
    """Ends at once: nobody is left to wait for, and uvicorn would take 0.2 s of each test."""

    async def main_loop(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110 - uvicorn is told by this flag alone
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()


@pytest.fixture
def server(context: Context) -> Iterator[Server]:
    context = with_acls(context)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app.create(context), http="httptools", lifespan="off", log_config=None, access_log=False
    )
    serving = QuickServer(config)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client(base_url=url, trust_env=False) as http:
        server = Server(http, context)
        server.put("/v1/acl/bootstrap", {"BootstrapSecret": ADMIN})
        yield server
    serving.should_exit = True
    thread.join()
    listener.close()
