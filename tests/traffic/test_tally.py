"""Whatever is counted, and whenever: nothing is lost and nothing is counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from meshcore.traffic.coverage import NEVER, Coverage
from meshcore.traffic.histogram import BUCKETS, histogram
from meshcore.traffic.recent import WHOLE, Sums, shares
from meshcore.traffic.tally import Tally
from tests.traffic.reports import T0

COUNTS = st.integers(0, 1000)
# When after the one before, of how long an interval, and what was counted.
REPORTS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.9, 1.0, 1.1, 4.0, 11.0, 60.0]),
        st.sampled_from([0.1, 1.0, 1.3, 5.0, 30.0]),
        st.builds(
            Sums,
            COUNTS,
            COUNTS,
            COUNTS,
            COUNTS,
            st.sampled_from([0, histogram(range(BUCKETS)), histogram([9] * BUCKETS)]),
        ),
    ),
    max_size=20,
)


def added(sums: list[Sums]) -> Sums:
    together = Sums()
    for each in sums:
        together.add(each)
    return together


@given(REPORTS)
def test_the_steps_of_15_minutes_add_up_to_what_was_reported(
    reports: list[tuple[float, float, Sums]],
) -> None:
    tally, now_s, reported = Tally(int(T0)), T0, []
    for after_s, interval_s, sums in reports:
        now_s += after_s
        reported.append((now_s, sums))
        tally.take(sums, shares(now_s, interval_s), now_s=now_s)
    whole = [sums for at_s, sums in reported if at_s > now_s - 880]
    if len(whole) == len(reported):
        assert added(list(tally.steps().values())) == added(whole)


@given(REPORTS, st.floats(0, 20))
def test_the_window_has_what_was_reported_in_the_last_ten_seconds(
    reports: list[tuple[float, float, Sums]], later_s: float
) -> None:
    tally, now_s, reported = Tally(int(T0)), T0 + 0.05, []
    for after_s, _, sums in reports:
        now_s += after_s
        reported.append((now_s, sums))
        tally.take(sums, shares(now_s, 0.0), now_s=now_s)  # all of it in the same second
    now_s += later_s
    tally.advance(int(now_s))
    inside = [sums for at_s, sums in reported if int(at_s) > int(now_s) - 10]
    assert tally.window == added(inside)


def test_counts_are_spread_over_the_seconds_that_they_were_counted_in() -> None:
    tally = Tally(int(T0))
    tally.take(Sums(requests=100), shares(T0 + 5.25, 1.0), now_s=T0 + 5.25)
    steps = {number * 5 - T0: sums.requests for number, sums in tally.steps().items()}
    assert steps == {0: 75, 5: 25}


def test_more_than_a_record_holds_is_cut_and_nothing_breaks() -> None:
    tally = Tally(int(T0))
    huge = Sums(2**70, 2**70, 2**70, 2**70, histogram([2**70] * BUCKETS))
    tally.take(huge, shares(T0, 1.0), now_s=T0)
    tally.advance(int(T0) + 60)
    tally.take(Sums(1), shares(T0 + 60, 1.0), now_s=T0 + 60)
    tally.advance(int(T0) + 120)
    assert max(sums.requests for sums in tally.steps().values()) == 2**32 - 1


LATEST_S = 0.3


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.4, 0.9, 1.0, 1.1]),
            st.integers(0, 3),
            st.sampled_from([0.0, 0.1, LATEST_S]),
        ),
        max_size=60,
    )
)
def test_no_more_of_the_window_is_covered_than_there_is(
    reports: list[tuple[float, int, float]],
) -> None:
    """But for what is covered twice, as one report was late and the next one was not."""
    coverage, now_s, arrived_s = Coverage(int(T0)), T0, T0
    reported: dict[int, int] = {}
    before_s: dict[int, float] = {}
    for after_s, proxy, late_s in reports:
        now_s += after_s
        arrived_s = max(arrived_s, now_s + late_s)
        interval_s = now_s - before_s.get(proxy, now_s - 1.0)
        before_s[proxy] = now_s
        reported[proxy] = coverage.take(
            shares(arrived_s, interval_s),
            now=int(arrived_s),
            interval_s=interval_s,
            expected=reported.get(proxy, NEVER),
        )
        assert 0 < coverage.window_s() <= arrived_s - int(arrived_s) + 9.0001 + LATEST_S
        assert max(coverage.steps().values()) <= 5.0001 + LATEST_S


def test_an_interval_is_cut_at_each_second() -> None:
    found = [(each.second - T0, each.seconds, each.upto / WHOLE) for each in shares(T0 + 2.25, 2.0)]
    assert found == [(0, 0.75, 0.375), (1, 1.0, 0.875), (2, 0.25, 1.0)]
