"""`tulle agent` as a process of its own, beside a real server."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from meshcore.registry.health import SERF_HEALTH
from tests.e2e.envoys import eventually
from tests.server.processes import bootstrap_token, environment, free_port, running

AGENT = (sys.executable, "-m", "meshcore.agent.run")
LOOPBACK = "127.0.0.1"


class Server:
    """A server that a test may stop, kill and start again where it was."""

    def __init__(self, folder: Path) -> None:
        self.environ = environment(folder, NODE_NAME="server-1")
        self.address = f"{LOOPBACK}:{self.environ['TULLE_HTTP_PORT']}"
        self.grpc_port = int(self.environ["TULLE_GRPC_PORT"])
        self._running: Any = None
        self.start()

    def start(self) -> None:
        self._running = running(self.environ)
        _, self.client = self._running.__enter__()
        self.token = bootstrap_token(self.environ)

    def kill(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)
            self._running = None

    def get(self, path: str, **params: str) -> Any:  # noqa: ANN401 - any JSON
        return self.client.get(path, params=params).raise_for_status().json()

    def put(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        answer = self.client.put(path, json=body).raise_for_status()
        return answer.json() if answer.content.strip() else None

    def services_on(self, node: str) -> dict[str, int]:
        """The ids of the node's instances with their ports."""
        found = self.get(f"/v1/catalog/node-services/{node}") or {"Services": []}
        return {each["ID"]: each["Port"] for each in found["Services"]}

    def checks_on(self, node: str) -> dict[str, str]:
        """Without the node's liveness."""
        found = self.get(f"/v1/health/node/{node}")
        return {e["CheckID"]: e["Status"] for e in found if e["CheckID"] != SERF_HEALTH}

    def liveness_of(self, node: str) -> str:
        found = self.get(f"/v1/health/node/{node}")
        return next((e["Status"] for e in found if e["CheckID"] == SERF_HEALTH), "")


class Agent:
    def __init__(
        self,
        folder: Path,
        *servers: Server,
        node: str = "host-1",
        words: tuple[str, ...] = (),
        places: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.definitions = folder / "definitions"
        self.definitions.mkdir(exist_ok=True)
        self.log = folder / "agent.log"
        self.node = node
        self.port = free_port()
        self.grpc_port = free_port()
        self.token = servers[0].token
        (folder / "token").write_text(self.token)
        self.words = [
            *("--config-dir", str(self.definitions), "--data-dir", str(folder / "data")),
            *("--node", node, "--http-port", str(self.port)),
            *("--token-file", str(folder / "token")),
            *(word for place in places for word in ("--server", place)),
            *(word for server in servers for word in ("--server", server.address)),
            *words,
        ]
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("TULLE_")
        } | {
            "TULLE_GRPC_PORT": str(self.grpc_port),
            "TULLE_GRPC_SERVERS": ",".join(f"{LOOPBACK}:{each.grpc_port}" for each in servers),
        }
        self.client = httpx.Client(
            base_url=f"http://{LOOPBACK}:{self.port}",
            headers={"X-Consul-Token": self.token},
            timeout=20,
        )
        self.start()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen((*AGENT, *self.words), env=self.environ, stderr=log)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def define(self, name: str, text: str) -> None:
        """As editors do: the old file or the new one, never a part."""
        draft = self.folder / name
        draft.write_text(text)
        draft.replace(self.definitions / name)

    def is_up(self) -> bool:
        try:
            return self.client.get("/v1/agent/self").status_code == 200
        except httpx.TransportError:
            return False

    def has_said(self, words: str) -> bool:
        return words in self.log.read_text()

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds; say what the agent has said when it does not."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            eventually(holds, what)
        except AssertionError:
            raise AssertionError(f"{what}\n{self.log.read_text()}") from None


@contextmanager
def agent(
    folder: Path,
    *servers: Server,
    files: dict[str, str] | None = None,
    node: str = "host-1",
    words: tuple[str, ...] = (),
    places: tuple[str, ...] = (),
) -> Iterator[Agent]:
    for name, text in (files or {}).items():
        (folder / "definitions").mkdir(exist_ok=True)
        (folder / "definitions" / name).write_text(text)
    started = Agent(folder, *servers, node=node, words=words, places=places)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()
        started.client.close()
