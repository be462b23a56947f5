"""A whole cluster as processes of this machine: two servers, two workers, what they stand on.

PostgreSQL and Redis are Debian's where they are installed, else those of the wheels.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from meshcore.cli.dev import redis
from tests.cluster.balancer import Backend, Balancer
from tests.cluster.processes import LOOPBACK, Process, Server, until, without_settings, worker
from tests.store import postgresql
from tests.store.postgresql import free_port

DATABASE = "tulle"


class Cluster:
    def __init__(self, folder: Path, database: postgresql.Server) -> None:
        self.folder = folder
        self.database = database
        self.token = str(uuid4())
        self.secret_key = secrets.token_hex(32)
        self.redis_port = free_port()
        self.redis = self._redis()
        self.servers = tuple(self._server(name) for name in ("server-a", "server-b"))
        shared = self._shared_settings()
        self.workers = (
            worker("worker-1", self._own(shared, "worker-1"), self._log("worker-1"), "--beat"),
            worker("worker-2", self._own(shared, "worker-2"), self._log("worker-2")),
        )
        self.balancer = Balancer(
            [Backend(s.http_port, (s.http_port, s.grpc_port)) for s in self.servers]
        )

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.balancer.ports[0]}"

    @property
    def grpc_port(self) -> int:
        return self.balancer.ports[1]

    @property
    def processes(self) -> tuple[Process, ...]:
        return (*self.workers, *self.servers, self.redis)

    def start(self) -> None:
        self.redis.start()
        for process in (*self.servers, *self.workers):
            process.start()
        for server in self.servers:
            server.wait_until_ready()
        until(lambda: all(b.is_ready for b in self.balancer.backends), "the balancer has seen them")

    def stop(self) -> None:
        self.balancer.close()
        for process in self.processes:
            process.end()

    def client(self, url: str = "", *, timeout_s: float = 20) -> httpx.Client:
        return httpx.Client(
            base_url=url or self.url, headers={"X-Consul-Token": self.token}, timeout=timeout_s
        )

    @contextmanager
    def without_database(self) -> Iterator[None]:
        self.database.stop()
        try:
            yield
        finally:
            self.database.start()

    @contextmanager
    def frozen_database(self) -> Iterator[None]:
        """It keeps its connections and says nothing; so do all that it has started."""
        pids = self.database.pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        self.redis.kill()
        try:
            yield
        finally:
            self.redis.start()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _redis(self) -> Process:
        found = shutil.which("redis-server") or str(redis.binary())
        words = (found, "--port", f"{self.redis_port}", "--bind", LOOPBACK, "--save", "")
        return Process("redis", words, os.environ, self._log("redis"))

    def _shared_settings(self) -> dict[str, str]:
        return {
            "TULLE_DATABASE_URL": self.database.url(DATABASE),
            "TULLE_REDIS_URL": f"redis://{LOOPBACK}:{self.redis_port}/0",
            "TULLE_SECRET_KEY": self.secret_key,
            "TULLE_ACL_INITIAL_MANAGEMENT_TOKEN": self.token,
        }

    def _own(self, settings: dict[str, str], name: str) -> dict[str, str]:
        own = {"TULLE_DATA_DIR": str(self.folder / name), "TULLE_NODE_NAME": name}
        return without_settings() | settings | own

    def _server(self, name: str) -> Server:
        ports = {"TULLE_HTTP_PORT": str(free_port()), "TULLE_GRPC_PORT": str(free_port())}
        env = self._own(self._shared_settings() | ports, name)
        return Server(name, env, self._log(name))


@contextmanager
def running(folder: Path | None = None) -> Iterator[Cluster]:
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tulle-cluster-")))
        database = stack.enter_context(postgresql.running())
        database.execute(f"CREATE DATABASE {DATABASE}")
        cluster = Cluster(folder, database)
        stack.callback(cluster.stop)
        cluster.start()
        yield cluster
