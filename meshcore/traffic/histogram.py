"""Durations as counts in fixed buckets, which can be added up and forgotten again.

All the buckets are the digits of one large number, of 64 bits each, so that two histograms are
added in one addition and not in sixteen.

A percentile is an estimate: the bucket that it lies in is known, and within that durations are
taken to be spread evenly. So it is wrong by less than its bucket is wide: the p95 of requests that
all took 60 ms, which lie between 50 and 100, is said to be 97.5 ms. What took longer than the last
bound is said to have taken that long.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from struct import Struct

# As Envoy's histograms have them by default; beyond a minute nobody tells durations apart.
BOUNDS_MS = (
    0.5,
    1.0,
    5.0,
    10.0,
    25.0,
    50.0,
    100.0,
    250.0,
    500.0,
    1000.0,
    2500.0,
    5000.0,
    10000.0,
    30000.0,
    60000.0,
)
BUCKETS = len(BOUNDS_MS) + 1
LANES = Struct(f"<{BUCKETS}Q")
# Of one report and bucket; four billion reports of so many still fit.
MOST_AT_ONCE = 0xFFFFFFFF

Percentiles = tuple[float | None, float | None, float | None]

UNKNOWN: Percentiles = (None, None, None)


def histogram(counts: Sequence[int], bounds_ms: tuple[float, ...] = BOUNDS_MS) -> int:
    """Counts in other buckets than ours go where the upper bound of their own lies."""
    if bounds_ms == BOUNDS_MS and len(counts) == BUCKETS:
        return lanes(counts)
    ours = [0] * BUCKETS
    for place, count in zip(places(bounds_ms), counts, strict=False):
        ours[place] += count
    return lanes(ours)


def lanes(counts: Sequence[int]) -> int:
    if min(counts) < 0 or max(counts) > MOST_AT_ONCE:
        counts = [min(max(count, 0), MOST_AT_ONCE) for count in counts]
    return int.from_bytes(LANES.pack(*counts), "little")


def buckets(durations: int) -> tuple[int, ...]:
    return LANES.unpack(durations.to_bytes(LANES.size, "little"))


@lru_cache(maxsize=64)
def places(bounds_ms: tuple[float, ...]) -> tuple[int, ...]:
    return (*(bisect_left(BOUNDS_MS, bound) for bound in bounds_ms), BUCKETS - 1)


def percentiles(durations: int) -> Percentiles:
    """p50, p95 and p99 in milliseconds."""
    if not durations:
        return UNKNOWN
    upto = list(accumulate(buckets(durations)))
    total = upto[-1]
    return within(upto, 0.5 * total), within(upto, 0.95 * total), within(upto, 0.99 * total)


def within(upto: Sequence[int], rank: float) -> float:
    """The duration below which so many lie; `upto` has how many lie below each bound."""
    bucket = bisect_left(upto, rank)
    if bucket >= len(BOUNDS_MS):
        return BOUNDS_MS[-1]
    lower = BOUNDS_MS[bucket - 1] if bucket else 0.0
    before = upto[bucket - 1] if bucket else 0
    share = (rank - before) / (upto[bucket] - before)
    return rounded(lower + share * (BOUNDS_MS[bucket] - lower))


def rounded(number: float) -> float:
    """To what anybody can tell apart, for it travels each second; round() takes thrice as long."""
    return int(number * 10_000 + 0.5) / 10_000
