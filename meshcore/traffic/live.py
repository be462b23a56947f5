"""The traffic of the mesh as this process knows it: what proxies report, over sliding windows.

Worked example: api's proxy says each second that web called it 50 times. After the first report the
edge web -> api has a rate of 50, since one second is covered (coverage.py), and after ten it still
has. When the proxy says nothing more, the edge is stale after three intervals, keeps the rate that
it had until the window has passed, and then has none; after 15 minutes it is forgotten.

The clock that is handed in may jump. Where it jumps ahead, what is older than the windows is gone
from them. Where it goes back, nothing that was kept has a time any more, and all is forgotten: the
next reports bring it again.
"""

from collections.abc import Callable, Mapping
from threading import Lock

from meshcore.registry.types import InstanceKey
from meshcore.traffic import measures
from meshcore.traffic.reporting import Reporting
from meshcore.traffic.series import points, steps_of
from meshcore.traffic.types import (
    Denial,
    EdgeTraffic,
    IntentionTraffic,
    Pair,
    Point,
    Report,
)

FRESH_S = 0.9  # how long what was made of all edges is good; less than the second of who asks
BACK_S = 5.0  # by how much a clock goes back that was set, and is not merely unsteady
TIDIED_EVERY_S = 60.0


class Traffic:
    """May be used from any thread. What is made of all services takes the lock for each of them
    anew, so that a report never waits for long."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now_s = 0.0
        self._tidied_s = 0.0
        self._services: dict[str, Reporting] = {}
        self._making = Lock()
        self._made_s = 0.0
        self._edges: Mapping[Pair, EdgeTraffic] = {}
        self._vertices: Mapping[str, EdgeTraffic] = {}
        self._version = 0
        self._told: Callable[[Report], None] = untold

    def tell(self, told: Callable[[Report], None]) -> None:
        """Tell somebody of each report that is taken, to share it with other servers."""
        self._told = told

    def take(self, report: Report, *, now_s: float) -> None:
        """What a proxy of this server says."""
        self.add(report, now_s=now_s)
        self._told(report)

    def add(self, report: Report, *, now_s: float) -> None:
        """What a proxy said to whichever server."""
        with self._lock:
            now_s = self._at(now_s)
            service = self._services.get(report.service)
            if service is None:
                service = self._services[report.service] = Reporting(report.service, int(now_s))
            service.take(report, now_s=now_s)

    def edges(self, *, now_s: float) -> Mapping[Pair, EdgeTraffic]:
        """Of the last ten seconds; those of callers that prove nothing are left out."""
        self._make(now_s)
        return self._edges

    def vertices(self, *, now_s: float) -> Mapping[str, EdgeTraffic]:
        """What reaches each service, from whomever."""
        self._make(now_s)
        return self._vertices

    def version(self, *, now_s: float) -> int:
        """A number that grows when the edges or vertices change; 0 while there were none."""
        self._make(now_s)
        return self._version

    def callers(
        self, destination: str, *, window_s: int, now_s: float
    ) -> Mapping[str, EdgeTraffic]:
        """Who called it in the last minute, or 15: `window_s` is 60 or 900."""
        with self._lock:
            now_s = self._at(now_s)
            service = self._services.get(destination)
            return measures.callers_over(service, window_s, now_s=now_s) if service else {}

    def series(
        self,
        *,
        source: str | None = None,
        destination: str = "",
        instance: InstanceKey | None = None,
        now_s: float,
    ) -> tuple[Point, ...]:
        """The last 15 minutes in steps: of an edge, or what reaches a service, or one instance of
        it, or all that a service calls."""
        now_s, services = self._all(now_s)
        found = []
        for service in services:
            if not destination or service.service == destination:
                with self._lock:
                    found.append(steps_of(service, source, instance, now=int(now_s)))
        return points(found, now_s=now_s)

    def by_intention(self, *, now_s: float) -> Mapping[Pair, IntentionTraffic]:
        """By the ends that the intention names, * for any."""
        now_s, services = self._all(now_s)
        found: dict[Pair, IntentionTraffic] = {}
        for service in services:
            with self._lock:
                for pair, decided in measures.by_intention(service, now_s=now_s):
                    found[pair] = measures.together(found.get(pair), decided)
        return found

    def denials(self, destination: str, *, now_s: float) -> tuple[Denial, ...]:
        """Of the last 15 minutes, the latest first."""
        with self._lock:
            now_s = self._at(now_s)
            service = self._services.get(destination)
            return tuple(measures.denials(service, now_s=now_s)) if service else ()

    def _at(self, now_s: float) -> float:
        """The time never goes back: neither by a little, nor without forgetting what was later."""
        if now_s < self._now_s - BACK_S:
            self._services = {}
            self._made_s = self._tidied_s = self._now_s = 0.0
        self._now_s = max(now_s, self._now_s)
        if self._now_s - self._tidied_s >= TIDIED_EVERY_S:
            self._tidied_s = self._now_s
            self._services = {
                name: each for name, each in self._services.items() if each.forget(self._now_s)
            }
        return self._now_s

    def _all(self, now_s: float) -> tuple[float, list[Reporting]]:
        with self._lock:
            now_s = self._at(now_s)
            return now_s, list(self._services.values())

    def _make(self, now_s: float) -> None:
        with self._making:
            now_s, services = self._all(now_s)
            if self._made_s and now_s - self._made_s < FRESH_S:
                return
            edges: dict[Pair, EdgeTraffic] = {}
            vertices: dict[str, EdgeTraffic] = {}
            for service in services:
                with self._lock:
                    service.advance(int(now_s))
                    covered_s = service.coverage.window_s()
                    how = measures.reading(service, covered_s, now_s=now_s)
                    vertices[service.service] = measures.inbound(service, how)
                    for source, shown in measures.callers(service, how, now_s=now_s):
                        edges[source, service.service] = shown
            self._made_s = now_s
            if edges != self._edges or vertices != self._vertices:
                self._edges, self._vertices = edges, vertices
                self._version += 1


def untold(_report: Report) -> None:
    return
