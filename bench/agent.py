"""The agent: what it costs a host with 100 services and 200 checks, beside one real server."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import machine
from bench.servers import free_ports

SERVICES = 100
CHECKS = 200
PATIENCE_S = 60.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024


class Api:
    def __init__(self, port: int, token: str = "") -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.token = token

    def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        request = Request(self.base + path, headers={"X-Consul-Token": self.token})
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def answers(self, path: str) -> bool:
        try:
            self.get(path)
        except OSError:
            return False
        return True


def until(holds: Callable[[], bool]) -> float:
    """Return how many seconds it took."""
    began = time.perf_counter()
    while not holds():
        if time.perf_counter() - began > PATIENCE_S:
            raise AssertionError("it takes too long")
        time.sleep(0.01)
    return time.perf_counter() - began


@contextmanager
def running(command: list[str], environ: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("w") as opened:
        process = subprocess.Popen(command, env=os.environ | environ, stderr=opened)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def write_definitions(folder: Path, *, port: int) -> None:
    """A TCP check each, and a TTL check each that nobody tells."""
    folder.mkdir()
    for number in range(SERVICES):
        checks = [{"TCP": f"127.0.0.1:{port}", "Interval": "10s"}, {"TTL": "30s"}]
        service = {"Name": f"service-{number}", "Port": 8000 + number, "Checks": checks}
        (folder / f"{number:03}.json").write_text(json.dumps({"service": service}))


def resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    found = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(found.split()[1]) / KIB_PER_MIB


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def measured(folder: Path, *, watched_s: float) -> Iterator[tuple[str, str]]:
    http, grpc, own = free_ports(3)
    server = {
        "TULLE_DATA_DIR": str(folder / "server"),
        "TULLE_HTTP_PORT": str(http),
        "TULLE_GRPC_PORT": str(grpc),
        "TULLE_NODE_NAME": "bench-server",
    }
    definitions = folder / "definitions"
    write_definitions(definitions, port=http)
    with running([sys.executable, "-m", "meshcore.server"], server, folder / "server.log"):
        until(lambda: (folder / "server" / "bootstrap-token").exists())
        token = (folder / "server" / "bootstrap-token").read_text().strip()
        api = Api(http, token)
        until(lambda: api.answers("/v1/catalog/nodes"))
        words = [
            *("--config-dir", str(definitions), "--data-dir", str(folder / "agent")),
            *("--server", f"127.0.0.1:{http}", "--node", "bench-host"),
            *("--http-port", str(own), "--grpc-port", "-1"),
            *("--token-file", str(folder / "server" / "bootstrap-token")),
        ]
        command = [sys.executable, "-m", "meshcore.agent.run", *words]
        local = Api(own, token)
        with running(command, {}, folder / "agent.log") as process:
            yield "until it answers", f"{until(lambda: local.answers('/v1/agent/self')):.2f} s"
            yield from after_start(api, process, watched_s=watched_s)


def after_start(api: Api, process: int, *, watched_s: float) -> Iterator[tuple[str, str]]:
    node = "/v1/catalog/node-services/bench-host"

    def services() -> int:
        found = api.get(node)
        return len(found["Services"]) if found else 0

    def passing() -> int:
        checks = api.get("/v1/health/node/bench-host")
        return sum(check["Status"] == "passing" and check["Type"] == "tcp" for check in checks)

    yield "more until all are registered", f"{until(lambda: services() == SERVICES):.2f} s"
    yield "more until all TCP checks pass there", f"{until(lambda: passing() == SERVICES):.2f} s"
    before = cpu_s(process)
    time.sleep(watched_s)
    share = (cpu_s(process) - before) / watched_s
    yield "of a core, while nothing changes", f"{share:.1%}"
    yield "resident", f"{resident_mib(process):.1f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="watch it for a shorter time")
    watched_s = 5.0 if parser.parse_args().quick else 30.0
    table = Table(box=SIMPLE_HEAD)
    table.add_column(f"{SERVICES} services, {CHECKS} checks")
    table.add_column("", justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for row in measured(Path(folder), watched_s=watched_s):
            table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(machine())


if __name__ == "__main__":
    main()
