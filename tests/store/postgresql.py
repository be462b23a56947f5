"""A real PostgreSQL for the tests: data in a temporary folder, fsync on, gone afterwards."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from meshcore.cli.dev.postgres import Place, place

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "40",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
    "fsync": "on",
}


class Server:
    def __init__(self, where: Place, port: int) -> None:
        self.port = port
        self._where = where

    def url(self, database: str, *, port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}?connect_timeout=5"

    def start(self) -> None:
        settings = SETTINGS | {"port": str(self.port)}
        flags = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._where.home / "log"
        self._run("pg_ctl", "start", "--wait", f"--options={flags}", f"--log={log}")

    def stop(self) -> None:
        """Break off all connections; what is committed stays."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def pids(self) -> tuple[int, ...]:
        """Its first process, and those that this one has made by now."""
        first = int((self._where.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return (first, *map(int, children))

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def make(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale")

    def _run(self, name: str, *arguments: str) -> None:
        account = self._where.account
        done = subprocess.run(
            [self._where.binaries / name, *arguments, f"--pgdata={self._where.data}"],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd=self._where.home,
            # pg_ctl's server inherits its output: a pipe would stay open as long as it runs.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        log = self._where.home / "log"
        assert done.returncode == 0, log.read_text() if log.exists() else f"{name} failed"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="tulle-test-postgresql-"))
    folder.chmod(0o755)  # the server runs as another user when we are root
    server = Server(place(folder), free_port())
    try:
        server.make()
        server.start()
        yield server
    finally:
        with contextlib.suppress(AssertionError):  # a failed test may have left it stopped
            server.stop()
        shutil.rmtree(folder)
