"""The server, with a thread in it that reports once a second that all declared calls are made.

As many Envoys as there are edges would need more cores than there are; what they report takes the
same way from here on. Every edge has other numbers each second, some fail, and some are denied.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from bench import with_django  # noqa: F401 what follows imports models
from dashboard.context import PROVIDED
from meshcore import server
from meshcore.mesh.types import Mesh
from meshcore.topology.graph import whole
from meshcore.topology.types import Edge
from meshcore.traffic.types import Counted, Latency, Report, Throughput

BOUNDS_MS = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


def report_all() -> None:
    while PROVIDED.context is None:
        time.sleep(0.1)
    context, number, edges = PROVIDED.context, 0, DeclaredEdges()
    began = time.time()
    while True:
        number += 1
        for report in reports(edges.of(context.store.mesh), number):
            context.facts.traffic.take(report, now_s=time.time())
        time.sleep(max(began + number - time.time(), 0.05))


class DeclaredEdges:
    """Kept for as long as the mesh is the same. No place is given to anything, as by who looks."""

    def __init__(self) -> None:
        self._index = -1
        self._edges: tuple[Edge, ...] = ()

    def of(self, mesh: Mesh) -> tuple[Edge, ...]:
        if mesh.index != self._index:
            self._index, self._edges = mesh.index, whole(mesh, default_allow=True).edges
        return self._edges


def reports(all_edges: Iterable[Edge], number: int) -> Iterator[Report]:
    called: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in all_edges:
        called[edge.destination].append(edge)
    for destination, edges in called.items():
        yield Report(
            service=destination,
            instance=("node", f"{destination}-1"),
            interval_s=1.0,
            counted=tuple(each for edge in edges for each in counted(edge)),
            latencies=tuple(latency(edge) for edge in edges),
            throughputs=tuple(
                Throughput(edge.source, destination, random.randint(100, 90_000), 1_000, 2)
                for edge in edges
            ),
            number=number,
        )


def usual(edge: Edge) -> random.Random:
    """What is the same of an edge each second."""
    return random.Random(f"{edge.source} {edge.destination}")


def counted(edge: Edge) -> Iterator[Counted]:
    chance = usual(edge)
    rate = 10 ** chance.uniform(0, 3)
    is_denied = edge.verdict == "deny"
    errors = chance.choice((0, 0, 0, 0, 0, 0, 0, 0.02, 0.2))
    count = int(rate * random.uniform(0.7, 1.3)) + 1
    failed = int(count * errors)
    answered = Counted(
        source=edge.source,
        destination=edge.destination,
        protocol="http",
        code="403" if is_denied else "200",
        flags="-",
        leaf="",
        is_denied=is_denied,
        count=count - failed,
    )
    yield answered
    if failed and not is_denied:
        yield replace(answered, code="503", count=failed)


def latency(edge: Edge) -> Latency:
    middle = usual(edge).randint(0, len(BOUNDS_MS) - 2)
    counts = [0] * (len(BOUNDS_MS) + 1)
    for offset, share in ((0, 60), (1, 30), (2, 10)):
        counts[middle + offset] += share
    return Latency(edge.source, edge.destination, BOUNDS_MS, tuple(counts))


if __name__ == "__main__":
    threading.Thread(target=report_all, daemon=True).start()
    server.main()
