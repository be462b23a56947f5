"""Health checks: 10,000 over HTTP every 10 s by one worker, against a real local HTTP server.

When each check has its turn follows from its name (tasks/planning.py), so the server that is probed
sees how late each probe comes, and whether each came once in each interval.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import cast
from urllib.request import Request, urlopen

import uvloop
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.agent import Api, cpu_s, running, until
from bench.figures import machine
from bench.servers import free_ports
from meshcore.cli.dev import redis
from meshcore.tasks.planning import chance_of

INTERVAL_S = 10
OF_ONE_NODE = 100
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwell"
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Target(asyncio.Protocol):
    """Notes when it was asked for which check."""

    arrivals: list[tuple[float, str]] = []
    failing: set[str] = set()
    failed_at: dict[str, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ", 2)[1].decode()
        Target.arrivals.append((time.time(), path[1:]))
        is_failing = path[1:] in Target.failing
        self.transport.write(REFUSAL if is_failing else ANSWER)
        if is_failing:
            Target.failed_at.setdefault(path[1:], time.time())
        self.transport.close()


def key(number: int) -> tuple[str, str]:
    return f"node-{number // OF_ONE_NODE}", f"check-{number}"


def register(api: Api, *, checks: int, port: int) -> None:
    for first in range(0, checks, OF_ONE_NODE):
        node = key(first)[0]
        written = [
            {
                "CheckID": key(number)[1],
                "Name": "http",
                "ServiceID": f"{node}-web",
                "Definition": {
                    "HTTP": f"http://127.0.0.1:{port}/{number}",
                    "Interval": f"{INTERVAL_S}s",
                    "Timeout": "5s",
                },
            }
            for number in range(first, first + OF_ONE_NODE)
        ]
        service = {"ID": f"{node}-web", "Service": f"web-{first // OF_ONE_NODE}", "Port": port}
        body = {"Node": node, "Address": "10.0.0.1", "Service": service, "Checks": written}
        put(api, "/v1/catalog/register", body)


def put(api: Api, path: str, body: object) -> None:
    request = Request(api.base + path, data=json.dumps(body).encode(), method="PUT")
    request.add_header("X-Consul-Token", api.token)
    with urlopen(request, timeout=30) as answer:
        answer.read()


def lateness_s(at: float, number: int) -> float:
    """How long after its turn a check was run; turns come each interval."""
    late = (at - chance_of(key(number)) * INTERVAL_S) % INTERVAL_S
    return late if late < INTERVAL_S / 2 else late - INTERVAL_S


def started(stack: ExitStack, folder: Path) -> tuple[Api, dict[str, int]]:
    http, grpc = free_ports(2)
    home = redis.program(folder)
    store = subprocess.Popen(home.argv, stdout=subprocess.DEVNULL)
    stack.callback(store.wait)
    stack.callback(store.terminate)
    until(redis.socket_path(folder).exists)
    environ = {
        "TULLE_DATA_DIR": str(folder),
        "TULLE_HTTP_PORT": str(http),
        "TULLE_GRPC_PORT": str(grpc),
        "TULLE_NODE_NAME": "bench-server",
        "TULLE_REDIS_URL": redis.url(folder),
    }
    server = [sys.executable, "-m", "meshcore.server"]
    worker = [sys.executable, "-m", "meshcore.worker", "--beat"]
    pids = {"redis": store.pid}
    pids["server"] = stack.enter_context(running(server, environ, folder / "server.log"))
    until((folder / "bootstrap-token").exists)
    api = Api(http, (folder / "bootstrap-token").read_text().strip())
    until(lambda: api.answers("/v1/catalog/nodes"))
    pids["worker"] = stack.enter_context(running(worker, environ, folder / "worker.log"))
    return api, pids


async def measured(folder: Path, *, checks: int, intervals: int) -> list[tuple[str, str]]:
    loop = asyncio.get_running_loop()
    target = await loop.create_server(Target, "127.0.0.1", 0, backlog=4096)
    port = target.sockets[0].getsockname()[1]
    with ExitStack() as stack:
        api, pids = await asyncio.to_thread(started, stack, folder)
        await asyncio.to_thread(register, api, checks=checks, port=port)
        await asyncio.sleep(2 * INTERVAL_S)  # the first runs are not at their turns
        Target.arrivals.clear()
        before = {name: cpu_s(pid) for name, pid in pids.items()}
        watched_s = intervals * INTERVAL_S
        await asyncio.sleep(watched_s)
        arrivals = list(Target.arrivals)
        shares = {name: (cpu_s(pid) - before[name]) / watched_s for name, pid in pids.items()}
        changed = range(0, checks, checks // 20)
        told_ms = await asyncio.gather(*(told_after_ms(api, number) for number in changed))
        rows = list(figures(arrivals, shares, checks=checks, intervals=intervals))
        rows.append(("a status is in HTTP after, p50", f"{sorted(told_ms)[10]:.0f} ms"))
        rows.append(("most of 20", f"{max(told_ms):.0f} ms"))
        await asyncio.to_thread(stack.close)
    target.close()
    return rows


async def told_after_ms(api: Api, number: int) -> float:
    """From the end of the probe until a blocking query has the other status."""
    service = f"/v1/health/checks/web-{number // OF_ONE_NODE}"
    Target.failing.add(str(number))

    def status() -> str:
        found = api.get(service)
        return next(str(c["Status"]) for c in found if c["CheckID"] == key(number)[1])

    while str(number) not in Target.failed_at:  # noqa: ASYNC110 - the loop is the target's
        await asyncio.sleep(0.001)
    while await asyncio.to_thread(status) != "critical":
        pass
    return (time.time() - Target.failed_at[str(number)]) * 1000


def figures(
    arrivals: list[tuple[float, str]], shares: dict[str, float], *, checks: int, intervals: int
) -> Iterator[tuple[str, str]]:
    late = sorted(lateness_s(at, int(path)) * 1000 for at, path in arrivals)
    times = Counter(path for _, path in arrivals)
    right = sum(times[str(number)] == intervals for number in range(checks))
    # One that has its turn at the edge of the time may be seen once more or once less.
    wrong = sum(abs(times[str(number)] - intervals) > 1 for number in range(checks))
    yield "probes", f"{len(arrivals):,} of {checks * intervals:,}"
    yield "checks run once in each interval", f"{right:,}, at its edge {checks - right - wrong:,}"
    yield "wrong", f"{wrong:,}"
    yield "late, p50", f"{late[len(late) // 2]:.0f} ms"
    yield "late, p99", f"{late[int(len(late) * 0.99)]:.0f} ms"
    yield "late, most", f"{late[-1]:.0f} ms"
    for name, share in shares.items():
        yield f"of a core, {name}", f"{share:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 checks, one interval")
    is_quick = parser.parse_args().quick
    checks, intervals = (1_000, 1) if is_quick else (10_000, 3)
    table = Table(box=SIMPLE_HEAD)
    table.add_column(f"{checks:,} HTTP checks every {INTERVAL_S} s")
    table.add_column("", justify="right")
    os.environ.setdefault("TULLE_LOG_LEVEL", "warn")
    with tempfile.TemporaryDirectory() as folder:
        work = measured(Path(folder), checks=checks, intervals=intervals)
        for row in uvloop.run(work):
            table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(machine())


if __name__ == "__main__":
    main()
