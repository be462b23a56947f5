"""How soon a write through one server is readable through the other, with and without Redis.

The cluster is that of tests/cluster: processes of this machine, on a real PostgreSQL with fsync.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Sequence

import httpx
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import machine
from tests.cluster.cluster import Cluster, running
from tests.cluster.load import PATH, light, shown

PAUSE_S = 0.02
LONGEST_S = 30.0


class Watcher:
    """A blocking query at the other server, asked anew as soon as it is answered."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.seen_at_s: dict[int, float] = {}
        self.is_stopping = False
        self.is_there = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """After one more write, which wakes it."""
        self._thread.join(LONGEST_S)

    def _watch(self) -> None:
        index = "0"
        with self._cluster.client(self._cluster.servers[1].url, timeout_s=120) as client:
            while not self.is_stopping:
                answer = client.get(PATH, params={"index": index, "wait": "60s"})
                now_s = time.perf_counter()
                index = answer.headers["X-Consul-Index"]
                self.seen_at_s.setdefault(shown(answer), now_s)
                self.is_there.set()


def readable_after_ms(cluster: Cluster, *, first: int, count: int) -> list[float]:
    """From the acknowledgement by A until B's blocking query has been answered; 0 if before."""
    acknowledged: dict[int, float] = {}
    with cluster.client(cluster.servers[0].url) as client:
        light(client, first).raise_for_status()
        watcher = Watcher(cluster)
        watcher.is_there.wait(LONGEST_S)
        for number in range(first + 1, first + 1 + count):
            light(client, number).raise_for_status()
            acknowledged[number] = time.perf_counter()
            time.sleep(PAUSE_S)
        end_s = time.perf_counter() + LONGEST_S
        while number not in watcher.seen_at_s and time.perf_counter() < end_s:
            time.sleep(PAUSE_S)
        watcher.is_stopping = True
        light(client, number + 1)
        watcher.join()
    seen = watcher.seen_at_s
    # One that was overtaken by the next was seen with that one at the latest.
    return [
        max(0.0, min(at for n, at in seen.items() if n >= number) - at_s) * 1000
        for number, at_s in acknowledged.items()
    ]


def consistent_ms(cluster: Cluster, *, count: int) -> tuple[list[float], int]:
    """How long ?consistent takes at B right after a write at A, and how many missed it."""
    took: list[float] = []
    missed = 0
    a, b = cluster.servers
    with cluster.client(a.url) as one, cluster.client(b.url) as other:
        first = shown(one.get(PATH, params={"consistent": ""})) + 1
        for number in range(first, first + count):
            light(one, number).raise_for_status()
            began_s = time.perf_counter()
            answer: httpx.Response = other.get(PATH, params={"consistent": ""})
            took.append((time.perf_counter() - began_s) * 1000)
            missed += shown(answer) < number
    return took, missed


def row(name: str, measured: Sequence[float], note: str = "") -> tuple[str, ...]:
    ordered = sorted(measured)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    figures = (statistics.median(ordered), p99, ordered[-1])
    return (name, *(f"{figure:.1f}" for figure in figures), note)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="fewer writes")
    count = 100 if options.parse_args().quick else 1000
    console = Console()
    table = Table("", "p50 ms", "p99 ms", "worst ms", "", box=SIMPLE_HEAD)
    with running() as cluster:
        table.add_row(*row("readable at B", readable_after_ms(cluster, first=1, count=count)))
        took, missed = consistent_ms(cluster, count=count)
        table.add_row(*row("?consistent at B", took, f"{missed} of {count} missed the write"))
        with cluster.without_redis():
            measured = readable_after_ms(cluster, first=10**6, count=count // 10)
            table.add_row(*row("readable at B, Redis away", measured))
    console.print(machine())
    console.print(table)


if __name__ == "__main__":
    main()
