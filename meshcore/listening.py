"""Where the server listens for HTTP, and how it is told to stop."""

import signal
import socket

import uvicorn

from meshcore import asgi
from meshcore.lib.errors import UnavailableError
from meshcore.sockets import FrameSocket

BACKLOG = 8192
LARGEST_MESSAGE = 16 * 1024  # that a browser may send on its live socket
GRACE_S = 2  # for requests in flight when the server is told to stop; blocking queries are cut


def http_server(application: asgi.Application) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http="httptools",
            ws=FrameSocket,
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,  # each of a thousand sockets would compress the same
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_S,
        )
    )


def survive_stop_signals() -> None:
    """Uvicorn stops at these signals, then raises them again: the store is still to be closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)


def authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"cannot listen on {host}:{port} for HTTP: {error.strerror};"
            " set TULLE_HTTP_PORT to another port"
        ) from None
    listener.settimeout(0)
    return listener
