"""Whatever restarts, moves or goes away: numbers are right or stale, never frozen or doubled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Denial, IntentionTraffic
from tests.traffic.reports import T0, calls, denied, report
from tests.traffic.test_live import at, each_second, edge, rates

# How long after the one before a proxy reports, and whether the report comes once more. A proxy
# that was away for longer than two seconds has started anew, and counted only the last one.
GAPS = st.sampled_from([0.5, 1.0, 1.5, 4.0, 12.0])
REPORTS = st.lists(st.tuples(GAPS, st.booleans()), max_size=30)


@given(st.lists(REPORTS, min_size=1, max_size=3))
def test_proxies_of_a_steady_rate_never_show_more_of_it(
    proxies: list[list[tuple[float, bool]]],
) -> None:
    events = []
    for number, reports in enumerate(proxies):
        now_s = T0 + number * 0.3
        for place, (after_s, is_repeated) in enumerate(reports):
            now_s += after_s
            events.append((now_s, number, min(after_s, 1.5), place + 1))
            if is_repeated:
                events.append((now_s + 0.01, number, min(after_s, 1.5), place + 1))
    traffic = Traffic()
    for now_s, number, interval_s, place in sorted(events):
        said = report(
            calls(int(100 * interval_s)),
            instance=f"api-{number}",
            interval_s=interval_s,
            number=place,
        )
        traffic.take(said, now_s=now_s)
        shown = traffic.edges(now_s=now_s)["web", "api"].rate
        assert shown is not None
        assert 0 < shown <= 100 * len(proxies) * 1.03


def test_a_new_server_has_the_rate_at_once_and_no_past() -> None:
    before, after = Traffic(), Traffic()
    each_second(before, report(calls(10)), upto=20)
    each_second(after, report(calls(10)), first=21, upto=21)
    assert rates(after, [21]) == rates(before, [20]) == [10.0]
    points = after.series(source="web", destination="api", now_s=T0 + 27)
    assert [point.rate for point in points[-3:]] == [None, None, 10.0]


def test_an_instance_that_replaces_another_takes_its_place() -> None:
    traffic, found = Traffic(), []
    each_second(traffic, report(calls(10), instance="api-1"), upto=20)
    for second in range(21, 40):
        traffic.take(report(calls(10), instance="api-2"), now_s=T0 + second)
        found += rates(traffic, [second])
    # Of one second both are expected to report, so that a tenth of the window is not covered.
    assert found == pytest.approx([10.0] * 19, rel=0.07)


def test_an_intention_that_is_revoked_stops_what_it_allowed_and_denials_begin() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10, leaf="web>api@7")), upto=20)
    refused = denied(10, destination="api", leaf="default>api")
    each_second(traffic, report(refused), first=21, upto=40)
    found = edge(traffic, 40)
    assert found is not None
    assert (found.rate, found.denied_rate, found.error_ratio) == (0.0, 10.0, None)
    assert traffic.by_intention(now_s=T0 + 40) == {
        ("web", "api"): IntentionTraffic(rate=0.0, denied_rate=0.0, seen_at=at(20))
    }
    assert traffic.denials("api", now_s=T0 + 40) == (
        Denial(source="web", leaf="default>api", rate=10.0, count=200, seen_at=at(40)),
    )


def test_a_caller_that_vanishes_is_silent_and_then_forgotten() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10), calls(5, source="db")), upto=20)
    each_second(traffic, report(calls(5, source="db")), first=21, upto=940)
    found = traffic.edges(now_s=T0 + 940)
    assert {pair: each.rate for pair, each in found.items()} == {("db", "api"): 5.0}


def test_a_service_that_vanishes_is_stale_and_then_forgotten() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10)), upto=20)
    to_db = report(calls(5, destination="db"), service="db")
    each_second(traffic, to_db, first=21, upto=60)
    found = traffic.vertices(now_s=T0 + 60)
    assert {name: (each.rate, each.is_stale) for name, each in found.items()} == {
        "api": (None, True),
        "db": (5.0, False),
    }
    each_second(traffic, to_db, first=61, upto=1000)
    assert set(traffic.vertices(now_s=T0 + 1000)) == {"db"}
