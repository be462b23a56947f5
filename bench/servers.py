"""The servers that are measured, Tulle and Consul: alone on core 0, with own ports and data."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from bench.load import TOKEN

SERVER_CORE = 0
LOAD_CORE = 1
START_TIMEOUT_S = 180.0  # after a kill it may have all that a bench wrote to replay
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
CONSUL_SETTINGS: dict[str, object] = {  # of 1.17 or newer
    "server": True,
    "bootstrap_expect": 1,
    "bind_addr": "127.0.0.1",
    "client_addr": "127.0.0.1",
    "log_level": "warn",
    "disable_update_check": True,
    "connect": {"enabled": True, "ca_config": {"csr_max_per_second": 0}},
    "limits": {"http_max_conns_per_client": 15_000, "rpc_max_conns_per_client": 15_000},
    "performance": {"raft_multiplier": 1},
    "xds": {"update_max_per_second": 0},
    "acl": {
        "enabled": True,
        "default_policy": "deny",
        "tokens": {"initial_management": TOKEN, "agent": TOKEN},
    },
    "default_intention_policy": "allow",  # so that the first answer is no 403
}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    index: int
    body: bytes


class Server(msgspec.Struct, kw_only=True):
    """A server process that can be killed and started again on the same data."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    http_port: int
    xds_port: int
    ready_path: str
    binary: str | None = None  # Consul's, for `consul connect envoy`
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(SERVER_CORE), *self.command],
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not start:\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def is_ready(self) -> bool:
        try:
            reply = self.call("GET", self.ready_path)
        except (OSError, http.client.HTTPException):
            return False
        return reply.status == 200

    def call(self, method: str, path: str, body: object = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"X-Consul-Token": TOKEN})
            answer = connection.getresponse()
            return Reply(
                status=answer.status,
                index=int(answer.headers.get("X-Consul-Index", 0)),
                body=answer.read(),
            )
        finally:
            connection.close()

    def must(self, method: str, path: str, body: object = None) -> Reply:
        """Call where anything but 200 ends the bench."""
        reply = self.call(method, path, body)
        if reply.status != 200:
            raise SystemExit(f"{self.name}: {method} {path}: {reply.status} {reply.body[:300]!r}")
        return reply

    def cpu_seconds(self) -> float:
        """User and system time so far of the server and all else in its process group."""
        assert self.process is not None
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.process.pid:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_SECOND

    def log_tail(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [open_socket.getsockname()[1] for open_socket in sockets]
    for open_socket in sockets:
        open_socket.close()
    return ports


def tulle(folder: Path, module: str) -> Server:
    http_port, xds_port, dns_port = free_ports(3)
    return Server(
        name="tulle",
        command=[sys.executable, "-m", module],
        environment={
            "TULLE_HTTP_PORT": str(http_port),
            "TULLE_GRPC_PORT": str(xds_port),
            "TULLE_DNS_PORT": str(dns_port),
            "TULLE_DATA_DIR": str(folder / "data"),
            "TULLE_ACL_INITIAL_MANAGEMENT_TOKEN": TOKEN,
            "TULLE_DEFAULT_INTENTION_POLICY": "allow",
        },
        folder=folder,
        http_port=http_port,
        xds_port=xds_port,
        ready_path="/readyz",
    )


def consul(binary: str, folder: Path) -> Server:
    """A single durable Consul server with every limit off: its work alone is measured."""
    shown = subprocess.run([binary, "version"], capture_output=True, text=True, check=True).stdout
    version = shown.split()[1].removeprefix("v")
    http_port, xds_port, dns_port, rpc_port, serf_port = free_ports(5)
    ports = {
        "http": http_port,
        "grpc": xds_port,
        "grpc_tls": -1,
        "dns": dns_port,
        "server": rpc_port,
        "serf_lan": serf_port,
        "serf_wan": -1,
    }
    settings = CONSUL_SETTINGS | {"data_dir": str(folder / "data"), "ports": ports}
    (folder / "consul.json").write_text(json.dumps(settings))
    return Server(
        name=f"consul {version}",
        command=[binary, "agent", "-node=bench", f"-config-file={folder / 'consul.json'}"],
        environment={},
        folder=folder,
        http_port=http_port,
        xds_port=xds_port,
        ready_path="/v1/acl/token/self",  # known as soon as there is a leader
        binary=binary,
    )


@contextmanager
def running(
    consul_binary: str | None = None, *, module: str = "meshcore.server"
) -> Iterator[Server]:
    """A fresh server, Tulle unless a Consul binary is named; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tulle-bench-"))
    server = consul(consul_binary, folder) if consul_binary else tulle(folder, module)
    try:
        server.start()
        yield server
    except OSError as error:
        if server.process is None or server.process.poll() is None:
            raise
        code = server.process.returncode
        raise SystemExit(f"{server.name} has ended ({code}):\n{server.log_tail()}") from error
    finally:
        server.stop(signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
