"""The last 15 minutes as a series of points for a chart."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from meshcore.registry.types import InstanceKey
from meshcore.traffic.coverage import Coverage
from meshcore.traffic.histogram import percentiles, rounded
from meshcore.traffic.recent import Sums
from meshcore.traffic.reporting import Reporting
from meshcore.traffic.tally import STEP_S, STEPS, Tally
from meshcore.traffic.types import Point

GRACE_S = 1  # reports of a step may still come when it is over


class Steps(msgspec.Struct, frozen=True):
    """What was counted in each step, and how many seconds of it are covered."""

    counted: dict[int, Sums]
    covered_s: dict[int, float]


NOTHING = Steps({}, {})


def steps_of(
    service: Reporting, source: str | None, instance: InstanceKey | None, *, now: int
) -> Steps:
    if instance is not None:
        proxy = service.proxies.get(instance)
        return steps(proxy.tally, proxy.coverage, now=now) if proxy else NOTHING
    tally = service.inbound if source is None else service.callers.get(source)
    return steps(tally, service.coverage, now=now)


def steps(tally: Tally | None, coverage: Coverage, *, now: int) -> Steps:
    coverage.advance(now)
    if tally is None:
        return Steps({}, coverage.steps())
    tally.advance(now)
    return Steps(tally.steps(), coverage.steps())


def points(found: list[Steps], *, now_s: float) -> tuple[Point, ...]:
    """Those of steps that are over; the one that goes on would look like a drop."""
    last = int(now_s - GRACE_S) // STEP_S
    return tuple(point(found, step) for step in range(last - STEPS, last))


def point(found: Iterable[Steps], step: int) -> Point:
    at = datetime.fromtimestamp(step * STEP_S, UTC)
    rate = bytes_per_s = denied_rate = 0.0
    together, is_known = Sums(), False
    for each in found:
        covered_s = each.covered_s.get(step, 0.0)
        if not covered_s:
            continue
        is_known = True
        sums = each.counted.get(step)
        if sums is not None:
            rate += sums.requests / covered_s
            bytes_per_s += sums.transferred / covered_s
            denied_rate += sums.denied / covered_s
            together.add(sums)
    if not is_known:
        return Point(at=at)
    p50, p95, p99 = percentiles(together.durations)
    return Point(
        at=at,
        rate=rounded(rate),
        error_ratio=rounded(together.errors / together.requests) if together.requests else None,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        bytes_per_s=rounded(bytes_per_s),
        denied_rate=rounded(denied_rate),
    )
