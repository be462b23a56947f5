"""The proxies of one service, and all that they have counted."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import msgspec

from meshcore.intentions.leaves import deciding
from meshcore.registry.types import InstanceKey
from meshcore.traffic.coverage import NEVER, Coverage
from meshcore.traffic.health import is_error
from meshcore.traffic.histogram import histogram
from meshcore.traffic.recent import Recent, Share, Sums, shares
from meshcore.traffic.tally import Tally
from meshcore.traffic.types import Counted, Pair, Report

FORGOTTEN_AFTER_S = 900.0
MISSED_REPORTS = 3  # after which a proxy is not expected to report any more
LONGEST_INTERVAL_S = 5.0  # that is waited for, however long the last one was
DELAY_S = 1.0  # that a report may have on its way through another server
# Whoever comes beyond that is counted in the service's own numbers alone, until others are quiet.
MOST_CALLERS = 500
RECENT_REPORTS = 8

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", bound=Recent)

Decided = tuple[str, Pair | None]  # caller, and the intention or the default policy


class Proxy(msgspec.Struct):
    tally: Tally
    coverage: Coverage
    reported_s: float = 0.0
    expected: int = NEVER  # coverage.py
    interval_s: float = 1.0
    numbers: deque[int] = msgspec.field(default_factory=lambda: deque(maxlen=RECENT_REPORTS))
    connections: dict[str, int] = {}

    def is_expected(self, now_s: float) -> bool:
        return now_s - self.reported_s <= MISSED_REPORTS * self.interval_s + DELAY_S


class Refusals(msgspec.Struct):
    tally: Tally
    leaf: str


class Sorted(msgspec.Struct):
    """One report's counts by all that they are counted under."""

    total: Sums
    by_caller: dict[str, Sums]
    by_intention: dict[Pair, Sums]
    refused: dict[Decided, tuple[Sums, str]]


class Reporting:
    """One service's share of the traffic. Edges are kept by their source alone."""

    def __init__(self, service: str, now: int) -> None:
        self.service = service
        self.inbound = Tally(now)
        self.coverage = Coverage(now)
        self.proxies: dict[InstanceKey, Proxy] = {}
        self.callers: dict[str, Tally] = {}
        self.intentions: dict[Pair, Recent] = {}
        self.refusals: dict[Decided, Refusals] = {}

    def take(self, report: Report, *, now_s: float) -> None:
        proxy = self._proxy(report.instance, int(now_s))
        if report.number and report.number in proxy.numbers:
            return
        over = shares(now_s, report.interval_s)
        proxy.numbers.append(report.number)
        proxy.interval_s = min(report.interval_s, LONGEST_INTERVAL_S)
        self._cover(proxy, over, now_s=now_s)
        given = in_order(report)
        proxy.tally.take(given.total, over, now_s=now_s)
        self.inbound.take(given.total, over, now_s=now_s)
        tallying(self.callers, given.by_caller, over, new=Tally, now_s=now_s)
        tallying(self.intentions, given.by_intention, over, new=Recent, now_s=now_s)
        for decided, (sums, leaf) in given.refused.items():
            self._refuse(decided, sums, leaf, over, now_s=now_s)
        proxy.connections = {
            each.source: each.connections
            for each in report.throughputs
            if each.connections is not None and each.source in self.callers
        }
        self._see(proxy.connections, now_s=now_s)

    def _proxy(self, instance: InstanceKey, now: int) -> Proxy:
        found = self.proxies.get(instance)
        if found is None:
            found = self.proxies[instance] = Proxy(Tally(now), Coverage(now))
        return found

    def _cover(self, proxy: Proxy, over: Sequence[Share], *, now_s: float) -> None:
        how = {"now": int(now_s), "expected": proxy.expected}
        self.coverage.take(over, interval_s=proxy.interval_s, **how)
        proxy.expected = proxy.coverage.take(over, interval_s=proxy.interval_s, **how)
        proxy.reported_s = now_s

    def _refuse(
        self, decided: Decided, sums: Sums, leaf: str, over: Sequence[Share], *, now_s: float
    ) -> None:
        found = self.refusals.get(decided)
        if found is None:
            if len(self.refusals) >= MOST_CALLERS:
                return
            found = self.refusals[decided] = Refusals(Tally(int(now_s)), leaf)
        found.leaf = leaf
        found.tally.take(sums, over, now_s=now_s)

    def _see(self, connections: dict[str, int], *, now_s: float) -> None:
        """A connection that is open is in use, although it is counted at its end."""
        for source, count in connections.items():
            caller = self.callers.get(source)
            if count and caller is not None:
                caller.seen_s = self.inbound.seen_s = now_s

    def advance(self, now: int) -> None:
        self.coverage.advance(now)
        self.inbound.advance(now)

    def is_stale(self, now_s: float) -> bool:
        return not any(proxy.is_expected(now_s) for proxy in self.proxies.values())

    def connections(self, now_s: float) -> dict[str, int]:
        """By caller, at the proxies that still report."""
        found: dict[str, int] = {}
        for proxy in self.proxies.values():
            if proxy.connections and proxy.is_expected(now_s):
                for source, count in proxy.connections.items():
                    found[source] = found.get(source, 0) + count
        return found

    def forget(self, now_s: float) -> bool:
        """Forget what has been quiet for long; say whether anything is left."""
        oldest_s = now_s - FORGOTTEN_AFTER_S
        self.callers = kept(self.callers, lambda tally: tally.seen_s >= oldest_s)
        self.intentions = kept(self.intentions, lambda tally: tally.seen_s >= oldest_s)
        self.refusals = kept(self.refusals, lambda each: each.tally.seen_s >= oldest_s)
        self.proxies = kept(self.proxies, lambda proxy: proxy.reported_s >= oldest_s)
        return bool(self.proxies)


def kept(found: dict[K, V], is_kept: Callable[[V], bool]) -> dict[K, V]:
    return {key: value for key, value in found.items() if is_kept(value)}


def tallying(
    tallies: dict[K, R],
    given: dict[K, Sums],
    over: Sequence[Share],
    *,
    new: Callable[[int], R],
    now_s: float,
) -> None:
    for key, sums in given.items():
        tally = tallies.get(key)
        if tally is None:
            if len(tallies) >= MOST_CALLERS:
                continue
            tally = tallies[key] = new(int(now_s))
        tally.take(sums, over, now_s=now_s)


def in_order(report: Report) -> Sorted:
    given = Sorted(Sums(), {}, {}, {})
    for row in report.counted:
        if row.count > 0:
            count(given, row)
    for each in report.throughputs:
        transferred = max(each.sent, 0) + max(each.received, 0)
        of(given.by_caller, each.source).transferred += transferred
        given.total.transferred += transferred
    for latency in report.latencies:
        durations = histogram(latency.counts, latency.bounds_ms)
        of(given.by_caller, latency.source).durations += durations
        given.total.durations += durations
    return given


def count(given: Sorted, row: Counted) -> None:
    if row.is_denied:
        sums = Sums(denied=row.count)
    else:
        errors = row.count if is_error(row.protocol, code=row.code, flags=row.flags) else 0
        sums = Sums(requests=row.count, errors=errors)
    given.total.add(sums)
    of(given.by_caller, row.source).add(sums)
    intention = deciding(row.leaf, row.destination)
    if intention is not None:
        of(given.by_intention, intention).add(sums)
    if row.is_denied:
        key = (row.source, intention)
        before, _ = given.refused.get(key, (Sums(), ""))
        before.add(sums)
        given.refused[key] = (before, row.leaf)


def of(found: dict[K, Sums], key: K) -> Sums:
    sums = found.get(key)
    if sums is None:
        sums = found[key] = Sums()
    return sums
