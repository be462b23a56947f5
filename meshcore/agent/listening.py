"""Where the agent listens for HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from meshcore.agent.app import App
from meshcore.lib.errors import UnavailableError

GRACE_S = 1  # for requests in flight when the agent is told to stop


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are the agent's own."""
        yield


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio turns Nagle's algorithm off, which costs 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"cannot listen on {host}:{port} for HTTP: {error.strerror}; a server on the same host"
            " has this port too: give the agent another one by --http-port"
        ) from None
    return listener


async def serve_http(app: App, listener: socket.socket) -> None:
    """Run until it is cancelled."""
    server = Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    try:
        await server.serve(sockets=[listener])
    except asyncio.CancelledError:
        await server.shutdown(sockets=[listener])
        raise
