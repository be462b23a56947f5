"""Small applications to stand behind sidecars."""

import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc

from tests.e2e.control_plane import LOOPBACK

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


@contextmanager
def http_app(name: str) -> Iterator[int]:
    """Answers every request with its own name and the path and headers that reached it."""

    class Application(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = f"{name} {self.path}\n{self.headers}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Served-By", name)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    for method in METHODS:
        setattr(Application, f"do_{method}", Application.answer)
    server = ThreadingHTTPServer((LOOPBACK, 0), Application)
    server.daemon_threads = True
    with serving(server):
        yield server.server_port


@contextmanager
def counting_app(counts: Counter[str]) -> Iterator[int]:
    """Says 200 to every request, and counts them by path."""

    class Application(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            counts[self.path] += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Application)
    server.daemon_threads = True
    with serving(server):
        yield server.server_port


@contextmanager
def tcp_app(name: str) -> Iterator[int]:
    """Answers whatever it is sent with its name.

    It does not speak first: Envoy asks the intentions at the client's first byte.
    """

    class Application(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            while connection.recv(4096):
                connection.sendall(name.encode())

    server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Application)
    server.daemon_threads = True
    with serving(server):
        yield server.server_address[1]


@contextmanager
def grpc_app(name: str) -> Iterator[int]:
    """Answers every call of app.Echo/Name with its name."""
    handlers = {
        "Name": grpc.unary_unary_rpc_method_handler(lambda _request, _context: name.encode())
    }
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("app.Echo", handlers),))
    port: int = server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
