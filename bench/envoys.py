"""Real Envoys, each the sidecar of one instance, and a client with a live connection to each."""

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import envoy
import httptools

from bench.load import TOKEN
from bench.servers import Server

BINARY = Path(next(iter(envoy.__path__)), "_bin", "envoy")
BOOTSTRAP_TIMEOUT_S = 30
REQUEST = b"GET / HTTP/1.1\r\nHost: api\r\n\r\n"
# All clients together ask so often, so that the core that they share with the Envoys is not full.
REQUESTS_PER_SECOND = 3000


@contextmanager
def sidecars(server: Server, instance_ids: list[str]) -> Iterator[None]:
    """One Envoy per instance, gone afterwards; their bootstraps differ in the id alone."""
    folder = server.folder / "envoys"
    folder.mkdir()
    pattern = bootstrap(server, instance_ids[0])
    started: list[subprocess.Popen[bytes]] = []
    try:
        for instance_id in instance_ids:
            file = folder / f"{instance_id}.json"
            file.write_text(pattern.replace(instance_ids[0], instance_id))
            started.append(start(file))
        yield
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        for process in started:
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def bootstrap(server: Server, instance_id: str) -> str:
    """The bootstrap that the server's own command prints, with a free port for the admin page."""
    address = f"http://127.0.0.1:{server.http_port}"
    if server.binary is None:
        tulle = str(Path(sys.executable).parent / "tulle")
        command = [tulle, "proxy", "--sidecar-for", instance_id, "--bootstrap"]
    else:
        command = [server.binary, "connect", "envoy", "-sidecar-for", instance_id, "-bootstrap"]
        command += ["-http-addr", address, "-grpc-addr", f"127.0.0.1:{server.xds_port}"]
        command += ["-envoy-binary", str(BINARY), "-ignore-envoy-compatibility"]
    environment = os.environ | server.environment | {"TULLE_HTTP_ADDR": address}
    environment["CONSUL_HTTP_TOKEN"] = TOKEN
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=BOOTSTRAP_TIMEOUT_S
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stdout} {done.stderr}")
    configuration = json.loads(done.stdout)
    configuration["admin"]["address"]["socket_address"]["port_value"] = 0
    return json.dumps(configuration)


def start(file: Path) -> subprocess.Popen[bytes]:
    command = [str(BINARY), "-c", str(file), "--concurrency", "1", "--use-dynamic-base-id"]
    command += ["--drain-time-s", "1", "--drain-strategy", "immediate", "--log-level", "error"]
    with file.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def client_tls(server: Server, source: str) -> ssl.SSLContext:
    """A client that the mesh knows as this source; what it connects to must be of the same mesh."""
    roots = json.loads(server.must("GET", "/v1/connect/ca/roots").body)["Roots"]
    leaf = json.loads(server.must("GET", f"/v1/agent/connect/ca/leaf/{source}").body)
    context = ssl.create_default_context(cadata="".join(root["RootCert"] for root in roots))
    context.check_hostname = False  # sidecars are known by SPIFFE ID
    pem = server.folder / f"{source}.pem"
    pem.touch(mode=0o600)
    pem.write_text(leaf["PrivateKeyPEM"] + leaf["CertPEM"])
    context.load_cert_chain(pem)
    return context


class Caller(asyncio.Protocol):
    """One live keep-alive connection that asks again and again, and says when the answer changes.

    As any HTTP client must, it connects anew when it is told to or is cut off, and counts that.
    """

    def __init__(
        self, *, port: int, tls: ssl.SSLContext, pause_s: float, changed: Callable[["Caller"], None]
    ) -> None:
        self.port = port
        self.tls = tls
        self.pause_s = pause_s
        self.changed = changed
        self.status = 0
        self.changed_at = 0.0
        self.connections = 0
        self.is_stopped = False

    async def connect(self) -> None:
        """Connect once; a listener that is not there yet is tried again and again."""
        loop = asyncio.get_running_loop()
        while not self.is_stopped:
            with suppress(OSError):
                await loop.create_connection(
                    lambda: self, "127.0.0.1", self.port, ssl=self.tls, server_hostname="api"
                )
                return
            await asyncio.sleep(0.2 if self.connections == 0 else 0.001)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.parser = httptools.HttpResponseParser(self)
        self.must_close = False
        self.connections += 1
        self.transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"connection" and value.lower() == b"close":
            self.must_close = True

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status != self.status:
            self.status = status
            self.changed_at = time.perf_counter()
            self.changed(self)
        if self.must_close:
            self.transport.close()
            return
        asyncio.get_running_loop().call_later(self.pause_s, self.ask)

    def ask(self) -> None:
        if not self.transport.is_closing() and not self.is_stopped:
            self.transport.write(REQUEST)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_stopped:
            self.again = asyncio.get_running_loop().create_task(self.connect())

    def stop(self) -> None:
        self.is_stopped = True
        with suppress(AttributeError):  # never connected
            self.transport.abort()


class App(asyncio.Protocol):
    """The application behind the sidecars: it answers anything with 200."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        requests = data.count(b"\r\n\r\n")
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" * requests)
