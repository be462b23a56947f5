"""Percentiles out of buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.traffic.histogram import BOUNDS_MS, BUCKETS, buckets, histogram, percentiles


def counted(durations_ms: list[float]) -> int:
    bounds = tuple(float(bound) for bound in BOUNDS_MS)
    counts = [0] * BUCKETS
    for duration in durations_ms:
        counts[next((i for i, bound in enumerate(bounds) if duration <= bound), BUCKETS - 1)] += 1
    return histogram(counts)


def test_without_durations_no_percentile_is_known() -> None:
    assert percentiles(0) == (None, None, None)


def test_within_a_bucket_durations_are_taken_to_be_spread_evenly() -> None:
    assert percentiles(counted([60.0] * 100)) == (75.0, 97.5, 99.5)


def test_what_took_longer_than_the_last_bound_is_said_to_have_taken_that_long() -> None:
    assert percentiles(counted([1e6])) == (60000.0, 60000.0, 60000.0)


@given(st.lists(st.floats(0.01, 60000), min_size=1, max_size=200))
def test_an_estimate_lies_in_the_bucket_of_the_true_percentile(durations: list[float]) -> None:
    ordered = sorted(durations)
    for quantile, estimate in zip((0.5, 0.95, 0.99), percentiles(counted(durations)), strict=True):
        rank = max(0, -int(-(quantile * len(ordered)) // 1) - 1)
        true = ordered[rank]
        lower = max((bound for bound in BOUNDS_MS if bound < true), default=0.0)
        upper = min(bound for bound in BOUNDS_MS if bound >= true)
        assert estimate is not None
        assert lower <= estimate <= upper


@pytest.mark.parametrize(
    ("bounds", "counts", "expected"),
    [
        (BOUNDS_MS, tuple(range(BUCKETS)), list(range(BUCKETS))),
        ((40.0, 1e9), (3, 2, 1), [0] * 5 + [3] + [0] * 9 + [3]),
    ],
)
def test_other_buckets_go_where_their_upper_bound_lies(
    bounds: tuple[float, ...], counts: tuple[int, ...], expected: list[int]
) -> None:
    assert list(buckets(histogram(counts, bounds))) == expected
