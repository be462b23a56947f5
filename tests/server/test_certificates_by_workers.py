"""A server and a worker with beat, over a real Redis: who looks after certificates."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.processes import environment, free_port, running
from tests.store.redises import running_redis

pytestmark = pytest.mark.slow

WORKER = (sys.executable, "-m", "meshcore.worker", "--beat")


@contextmanager
def working(environ: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as opened:
        process = subprocess.Popen(WORKER, env=environ, stderr=opened)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def eventually(holds: Callable[[], bool], what: str) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)  # between two questions to another process
    raise AssertionError(what)


def states(client: httpx.Client) -> list[str]:
    return sorted(root["state"] for root in certificates(client)["roots"])


def certificates(client: httpx.Client) -> Any:  # noqa: ANN401 any JSON
    return client.get("/api/certificates").json()


def written(folder: Path) -> int:
    """How many entries the log has, whoever is running."""
    with closing(sqlite3.connect(folder / "tulle.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM mesh_log").fetchone()
        return int(count)


def test_workers_do_it_and_a_server_without_them_does_it_late(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "worker.log"
    environ = environment(
        tmp_path,
        REDIS_URL=f"redis://127.0.0.1:{port}/0",
        LEAF_CERT_TTL="20s",  # an overlap of 10 s; a server is patient for 1 s
        ROOT_CERT_TTL="100000s",
    )
    with running_redis(port), running(environ) as (server, client):
        with working(environ, log) as worker:
            eventually(lambda: b"worker with" in log.read_bytes(), "the worker has started")
            assert client.post("/api/certificates/rotate", json={}).status_code == 200
            before = written(tmp_path)
            server.send_signal(signal.SIGSTOP)  # so that it is the worker alone that can act
            try:
                eventually(lambda: written(tmp_path) > before, "the worker takes the next step")
            finally:
                server.send_signal(signal.SIGCONT)
            eventually(lambda: states(client) == ["active", "retiring"], "the new root signs")
            assert worker.poll() is None
            assert b"no secret key" not in log.read_bytes()
        # With no worker left the server goes on by itself: here with the end of the old root.
        eventually(lambda: states(client) == ["active"], "the old root is forgotten")
        assert certificates(client)["trouble"] is None
        assert server.poll() is None
