"""Real Envoys, each started from the bootstrap that `tulle proxy` writes."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from meshcore.sidecars.bootstrap import Start, bootstrap
from meshcore.sidecars.exporting import NOTHING, Exporting
from tests.e2e.control_plane import DATACENTER, LOOPBACK, NODE, ControlPlane

PATIENCE_S = 15


def binary() -> str:
    spec = find_spec("envoy")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(next(iter(spec.submodule_search_locations))) / "_bin" / "envoy")


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind((LOOPBACK, 0))
        port: int = chosen.getsockname()[1]
        return port


def eventually(holds: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> float:
    """Wait for another process; return how long it took."""
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > within_s:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.005)
    return time.monotonic() - start


class EnvoyAdmin:
    """What an Envoy says of itself."""

    def __init__(self, admin_port: int, log: Path) -> None:
        self.admin_port = admin_port
        self.log = log

    def admin(self, path: str) -> httpx.Response:
        return httpx.get(f"http://{LOOPBACK}:{self.admin_port}/{path}", timeout=5)

    def is_ready(self) -> bool:
        try:
            return self.admin("ready").status_code == 200
        except httpx.TransportError:
            return False

    def state(self) -> str:
        state: str = self.admin("server_info").json()["state"]
        return state

    def listeners(self) -> set[str]:
        found = self.admin("listeners?format=json").json()
        return {listener["name"] for listener in found.get("listener_statuses", ())}

    def wait_for_listener(self, prefix: str = "public_listener") -> None:
        eventually(
            lambda: self.is_ready() and any(n.startswith(prefix) for n in self.listeners()),
            f"{prefix} of {self.log.name}: {self.log.read_text()[-3000:]}",
        )

    def stat(self, name: str) -> int:
        found: list[Any] = self.admin(f"stats?format=json&filter=^{name}$").json()["stats"]
        return sum(stat.get("value", 0) for stat in found)


class Envoy(EnvoyAdmin):
    def __init__(
        self,
        plane: ControlPlane,
        proxy_id: str,
        service: str,
        folder: Path,
        *,
        token: str = "",
        exporting: Exporting = NOTHING,
    ) -> None:
        super().__init__(free_port(), folder / f"{proxy_id}.log")
        certificates = plane.store.mesh.certificates
        start = Start(
            proxy_id=proxy_id,
            service=service,
            node_name=NODE,
            datacenter=DATACENTER,
            trust_domain=certificates.trust_domain,
            trust_bundle=certificates.trust_bundle(),
            grpc_host=LOOPBACK,
            grpc_port=plane.xds.port,
            admin_port=self.admin_port,
            token=token,
            exporting=exporting,
        )
        config = folder / f"{proxy_id}.json"
        config.write_text(json.dumps(bootstrap(start)))
        self._arguments = [binary(), "-c", str(config), "--concurrency", "1"]
        self._arguments += ["--use-dynamic-base-id", "--drain-time-s", "1"]
        self._arguments += ["--drain-strategy", "immediate", "-l", "info"]
        self.start()

    def start(self) -> None:
        """Again, after a stop: from the bootstrap that was made for the first time."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self._arguments, stderr=log, stdout=log)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
