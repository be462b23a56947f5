"""A server as a process of its own, on free ports with a folder of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

SERVER = (sys.executable, "-m", "meshcore.server")


def environment(folder: Path, **settings: object) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TULLE_")}
    given = {"DATA_DIR": folder, "HTTP_PORT": free_port(), "GRPC_PORT": free_port()} | settings
    return clean | {f"TULLE_{name}": str(value) for name, value in given.items()}


@contextmanager
def running(environ: dict[str, str]) -> Iterator["tuple[subprocess.Popen[str], httpx.Client]"]:
    process = subprocess.Popen(SERVER, env=environ, stderr=subprocess.PIPE, text=True)
    client = httpx.Client(base_url=f"http://127.0.0.1:{environ['TULLE_HTTP_PORT']}", timeout=20)
    try:
        wait_until_ready(process, client)
        client.headers["X-Consul-Token"] = bootstrap_token(environ)
        yield process, client
    finally:
        client.close()
        process.kill()
        process.communicate()


def wait_until_ready(process: "subprocess.Popen[str]", client: httpx.Client) -> None:
    for _ in range(1000):
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)  # between two attempts at a port that is not open yet
    raise AssertionError("the server does not get ready")


def bootstrap_token(environ: dict[str, str]) -> str:
    """What the server has left for its operator; nothing where ACLs are off."""
    file = Path(environ["TULLE_DATA_DIR"], "bootstrap-token")
    return file.read_text().strip() if file.exists() else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
