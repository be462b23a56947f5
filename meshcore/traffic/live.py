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
from datetime import UTC, datetime
from threading import Lock

import msgspec

from meshcore.registry.types import InstanceKey
from meshcore.traffic.histogram import percentiles
from meshcore.traffic.reporting import FORGOTTEN_AFTER_S, Reporting
from meshcore.traffic.series import points, steps_of
from meshcore.traffic.tally import Sums, Tally
from meshcore.traffic.types import (
    UNPROVED,
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


class Measures(msgspec.Struct, frozen=True):
    """What the counts of one service's proxies are to be read by."""

    covered_s: float
    is_stale: bool


class Traffic:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now_s = 0.0
        self._tidied_s = 0.0
        self._services: dict[str, Reporting] = {}
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
        with self._lock:
            self._make(self._at(now_s))
            return self._edges

    def vertices(self, *, now_s: float) -> Mapping[str, EdgeTraffic]:
        """What reaches each service, from whomever."""
        with self._lock:
            self._make(self._at(now_s))
            return self._vertices

    def version(self, *, now_s: float) -> int:
        """A number that grows when the edges or vertices change; 0 while there were none."""
        with self._lock:
            self._make(self._at(now_s))
            return self._version

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
        with self._lock:
            now_s = self._at(now_s)
            found = [
                steps_of(service, source, instance, now=int(now_s))
                for name, service in self._services.items()
                if not destination or name == destination
            ]
        return points(found, now_s=now_s)

    def by_intention(self, *, now_s: float) -> Mapping[Pair, IntentionTraffic]:
        """By the ends that the intention names, * for any."""
        with self._lock:
            now_s = self._at(now_s)
            found: dict[Pair, IntentionTraffic] = {}
            for service in self._services.values():
                service.advance(int(now_s))
                covered_s = service.coverage.window_s()
                for pair, tally in service.intentions.items():
                    if is_remembered(tally, now_s):
                        tally.advance(int(now_s))
                        found[pair] = decided(found.get(pair), tally, covered_s)
            return found

    def denials(self, destination: str, *, now_s: float) -> tuple[Denial, ...]:
        """Of the last 15 minutes, the latest first."""
        with self._lock:
            now_s = self._at(now_s)
            service = self._services.get(destination)
            return tuple(denials_of(service, now_s)) if service else ()

    def _at(self, now_s: float) -> float:
        """The time never goes back: neither by a little, nor without forgetting what was later."""
        if now_s < self._now_s - BACK_S:
            self._services, self._edges, self._vertices = {}, {}, {}
            self._made_s = self._tidied_s = self._now_s = 0.0
            self._version += 1
        self._now_s = max(now_s, self._now_s)
        if self._now_s - self._tidied_s >= TIDIED_EVERY_S:
            self._tidied_s = self._now_s
            self._services = {
                name: each for name, each in self._services.items() if each.forget(self._now_s)
            }
        return self._now_s

    def _make(self, now_s: float) -> None:
        if self._made_s and now_s - self._made_s < FRESH_S:
            return
        edges: dict[Pair, EdgeTraffic] = {}
        vertices: dict[str, EdgeTraffic] = {}
        for name, service in self._services.items():
            service.advance(int(now_s))
            measures = Measures(
                covered_s=service.coverage.window_s(), is_stale=service.is_stale(now_s)
            )
            connections = service.connections(now_s)
            open_now = sum(connections.values()) if connections else None
            vertices[name] = measured(service.inbound, measures, connections=open_now)
            for source, tally in service.callers.items():
                if source != UNPROVED and is_remembered(tally, now_s):
                    tally.advance(int(now_s))
                    edges[source, name] = measured(
                        tally, measures, connections=connections.get(source)
                    )
        self._made_s = now_s
        if edges != self._edges or vertices != self._vertices:
            self._edges, self._vertices = edges, vertices
            self._version += 1


def untold(_report: Report) -> None:
    return


def is_remembered(tally: Tally, now_s: float) -> bool:
    return now_s - tally.seen_s <= FORGOTTEN_AFTER_S


def measured(tally: Tally, how: Measures, *, connections: int | None) -> EdgeTraffic:
    seen_at = datetime.fromtimestamp(tally.seen_s, UTC) if tally.seen_s else None
    covered_s, is_stale = how.covered_s, how.is_stale
    if not covered_s:
        return EdgeTraffic(seen_at=seen_at, is_stale=is_stale)
    window = tally.window
    p50, p95, p99 = percentiles(window.durations)
    return EdgeTraffic(
        rate=rounded(window.requests / covered_s),
        error_ratio=rounded(window.errors / window.requests) if window.requests else None,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        bytes_per_s=rounded(window.transferred / covered_s),
        denied_rate=rounded(window.denied / covered_s),
        connections=None if is_stale else connections,
        seen_at=seen_at,
        is_stale=is_stale,
    )


def rounded(number: float) -> float:
    """To what anybody can tell apart; it travels each second."""
    return round(number, 4)


def decided(before: IntentionTraffic | None, tally: Tally, covered_s: float) -> IntentionTraffic:
    seen_at = datetime.fromtimestamp(tally.seen_s, UTC)
    rate, denied = per_second(tally.window, covered_s)
    if before is None or before.seen_at is None:
        return IntentionTraffic(rate=rate, denied_rate=denied, seen_at=seen_at)
    return IntentionTraffic(
        rate=total(before.rate, rate),
        denied_rate=total(before.denied_rate, denied),
        seen_at=max(before.seen_at, seen_at),
    )


def per_second(window: Sums, covered_s: float) -> tuple[float | None, float | None]:
    if not covered_s:
        return None, None
    return rounded(window.requests / covered_s), rounded(window.denied / covered_s)


def total(one: float | None, other: float | None) -> float | None:
    return one if other is None else (one or 0.0) + other


def denials_of(service: Reporting, now_s: float) -> list[Denial]:
    service.advance(int(now_s))
    covered_s = service.coverage.window_s()
    found = []
    for (source, _), refusals in service.refusals.items():
        tally = refusals.tally
        tally.advance(int(now_s))
        count = sum(step.denied for step in tally.steps().values())
        if count:
            _, rate = per_second(tally.window, covered_s)
            seen_at = datetime.fromtimestamp(tally.seen_s, UTC)
            found.append(
                Denial(source=source, leaf=refusals.leaf, rate=rate, count=count, seen_at=seen_at)
            )
    return sorted(found, key=lambda denial: (denial.seen_at, denial.source), reverse=True)
