"""From what was counted of one service to what is shown of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from meshcore.traffic.histogram import percentiles, rounded
from meshcore.traffic.recent import Recent, Sums
from meshcore.traffic.reporting import FORGOTTEN_AFTER_S, Reporting
from meshcore.traffic.tally import STEP_S, Tally
from meshcore.traffic.types import (
    UNPROVED,
    Denial,
    EdgeTraffic,
    IntentionTraffic,
    Pair,
)


class Reading(msgspec.Struct, frozen=True):
    """What all the counts of one service are to be read by."""

    covered_s: float
    is_stale: bool
    connections: dict[str, int]

    def of(self, tally: Tally, sums: Sums, *, connections: int | None) -> EdgeTraffic:
        seen_at = datetime.fromtimestamp(tally.seen_s, UTC) if tally.seen_s else None
        covered_s, is_stale = self.covered_s, self.is_stale
        if not covered_s:
            return EdgeTraffic(seen_at=seen_at, is_stale=is_stale)
        p50, p95, p99 = percentiles(sums.durations)
        return EdgeTraffic(
            rate=rounded(sums.requests / covered_s),
            error_ratio=rounded(sums.errors / sums.requests) if sums.requests else None,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            bytes_per_s=rounded(sums.transferred / covered_s),
            denied_rate=rounded(sums.denied / covered_s),
            connections=None if is_stale else connections,
            seen_at=seen_at,
            is_stale=is_stale,
        )


def reading(service: Reporting, covered_s: float, *, now_s: float) -> Reading:
    return Reading(covered_s, service.is_stale(now_s), service.connections(now_s))


def inbound(service: Reporting, how: Reading) -> EdgeTraffic:
    connections = sum(how.connections.values()) if how.connections else None
    return how.of(service.inbound, service.inbound.window, connections=connections)


def callers(service: Reporting, how: Reading, *, now_s: float) -> Iterator[tuple[str, EdgeTraffic]]:
    """In the last ten seconds; whoever proves nothing is no caller by name."""
    for source, tally in service.callers.items():
        if source != UNPROVED and is_remembered(tally, now_s):
            tally.advance(int(now_s))
            yield source, how.of(tally, tally.window, connections=how.connections.get(source))


def callers_over(service: Reporting, window_s: int, *, now_s: float) -> dict[str, EdgeTraffic]:
    """In a longer window, which begins with a step; also whoever proves nothing."""
    now = int(now_s)
    service.advance(now)
    first = (now - window_s) // STEP_S + 1
    covered_s = sum(s for step, s in service.coverage.steps().items() if step >= first)
    how = reading(service, covered_s, now_s=now_s)
    found = {}
    for source, tally in service.callers.items():
        if is_remembered(tally, now_s):
            tally.advance(now)
            connections = how.connections.get(source)
            found[source] = how.of(tally, since(tally, first), connections=connections)
    return found


def since(tally: Tally, first: int) -> Sums:
    together = Sums()
    for step, sums in tally.steps().items():
        if step >= first:
            together.add(sums)
    return together


def is_remembered(tally: Recent, now_s: float) -> bool:
    return now_s - tally.seen_s <= FORGOTTEN_AFTER_S


def by_intention(service: Reporting, *, now_s: float) -> Iterator[tuple[Pair, IntentionTraffic]]:
    service.advance(int(now_s))
    covered_s = service.coverage.window_s()
    for pair, tally in service.intentions.items():
        if is_remembered(tally, now_s):
            tally.advance(int(now_s))
            rate, denied_rate = per_second(tally.window, covered_s)
            seen_at = datetime.fromtimestamp(tally.seen_s, UTC)
            yield pair, IntentionTraffic(rate=rate, denied_rate=denied_rate, seen_at=seen_at)


def together(one: IntentionTraffic | None, other: IntentionTraffic) -> IntentionTraffic:
    """What an intention toward any destination decides at two of them."""
    if one is None or one.seen_at is None or other.seen_at is None:
        return other
    return IntentionTraffic(
        rate=total(one.rate, other.rate),
        denied_rate=total(one.denied_rate, other.denied_rate),
        seen_at=max(one.seen_at, other.seen_at),
    )


def per_second(window: Sums, covered_s: float) -> tuple[float | None, float | None]:
    if not covered_s:
        return None, None
    return rounded(window.requests / covered_s), rounded(window.denied / covered_s)


def total(one: float | None, other: float | None) -> float | None:
    return one if other is None else (one or 0.0) + other


def denials(service: Reporting, *, now_s: float) -> list[Denial]:
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
