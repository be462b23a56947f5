"""Sliding windows: what was reported is what is shown, or it is shown as stale."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from meshcore.traffic.live import Traffic
from meshcore.traffic.types import (
    Counted,
    Denial,
    EdgeTraffic,
    IntentionTraffic,
    Latency,
    Report,
    Throughput,
)
from tests.traffic.reports import T0, calls, denied, report

WEB_API = ("web", "api")


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(T0 + seconds, UTC)


def each_second(
    traffic: Traffic, reported: Report, *, upto: int, first: int = 1, phase: float = 0.0
) -> None:
    for second in range(first, upto + 1):
        traffic.take(reported, now_s=T0 + phase + second)


def edge(traffic: Traffic, seconds: float) -> EdgeTraffic | None:
    return traffic.edges(now_s=T0 + seconds).get(WEB_API)


def rates(traffic: Traffic, moments: Iterable[float]) -> list[float | None]:
    return [found.rate if (found := edge(traffic, each)) else None for each in moments]


def test_an_edge_has_what_its_destination_s_proxy_reported() -> None:
    traffic = Traffic()
    everything = replace(
        report(calls(8), calls(2, code="503"), denied(5, destination="api", leaf="web>api@7")),
        latencies=(Latency("web", "api", (50.0, 100.0), (0, 10, 0)),),
        throughputs=(Throughput("web", "api", 700, 300, 4),),
    )
    each_second(traffic, everything, upto=12)
    assert edge(traffic, 12) == EdgeTraffic(
        rate=10.0,
        error_ratio=0.2,
        p50_ms=75.0,
        p95_ms=97.5,
        p99_ms=99.5,
        bytes_per_s=1000.0,
        denied_rate=5.0,
        connections=4,
        seen_at=at(12),
        is_stale=False,
    )


def test_a_connection_that_stays_open_is_seen_as_long_as_it_is_open() -> None:
    traffic = Traffic()
    traffic.take(report(calls(1)), now_s=T0 + 1)
    is_open = replace(report(), throughputs=(Throughput("web", "api", 0, 0, 2),))
    each_second(traffic, is_open, first=2, upto=9)
    each_second(traffic, report(), first=10, upto=12)
    found = edge(traffic, 12)
    assert found is not None
    assert (found.seen_at, found.connections) == (at(9), None)


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.999])
def test_a_rate_is_right_from_the_first_report_on(phase: float) -> None:
    traffic, found = Traffic(), []
    for second in range(1, 31):
        traffic.take(report(calls(100)), now_s=T0 + phase + second)
        found += rates(traffic, [phase + second])
    assert found == pytest.approx([100.0] * 30, rel=0.03)


def test_a_proxy_that_reports_every_five_seconds_has_the_same_rate() -> None:
    traffic, found = Traffic(), []
    for second in range(5, 60, 5):
        traffic.take(report(calls(500), interval_s=5.0), now_s=T0 + second + 0.4)
        found += rates(traffic, [second + 0.4, second + 2.4, second + 4.4])
    assert found == pytest.approx([100.0] * len(found), rel=0.03)


def test_reports_that_are_late_now_and_then_make_no_rate_higher() -> None:
    traffic, found = Traffic(), []
    for second in range(1, 41):
        late_s = (0.0, 0.3, 0.1)[second % 3]
        traffic.take(report(calls(100)), now_s=T0 + second + late_s)
        found += rates(traffic, [second + late_s])
    assert found == pytest.approx([100.0] * 40, rel=0.02)


def test_two_instances_add_up_and_one_that_is_new_and_idle_changes_nothing() -> None:
    traffic = Traffic()
    for second in range(1, 21):
        traffic.take(report(calls(30), instance="api-1"), now_s=T0 + second)
        traffic.take(report(calls(10), instance="api-2"), now_s=T0 + second + 0.5)
    assert rates(traffic, [20.5]) == pytest.approx([40.0], rel=0.03)
    traffic.take(report(instance="api-3"), now_s=T0 + 20.6)
    assert rates(traffic, [21.5]) == pytest.approx([40.0], rel=0.06)


def test_silence_at_a_destination_that_reports_is_a_rate_of_nothing() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10)), upto=5)
    each_second(traffic, report(), first=6, upto=20)
    found = edge(traffic, 20)
    assert found == EdgeTraffic(rate=0.0, bytes_per_s=0.0, denied_rate=0.0, seen_at=at(5))


def test_what_nobody_reports_any_more_is_stale_then_unknown_then_forgotten() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10)), upto=20)
    shown = [(found.rate, found.is_stale) for s in (20, 23, 25, 28) if (found := edge(traffic, s))]
    assert shown == [(10.0, False), (10.0, False), (10.0, True), (10.0, True)]
    assert edge(traffic, 31) == EdgeTraffic(seen_at=at(20), is_stale=True)
    assert edge(traffic, 920) == EdgeTraffic(seen_at=at(20), is_stale=True)
    assert traffic.edges(now_s=T0 + 1000) == {}
    assert traffic.vertices(now_s=T0 + 1000) == {}


def test_a_proxy_that_comes_back_has_its_rate_and_no_more() -> None:
    traffic, found = Traffic(), []
    each_second(traffic, report(calls(10)), upto=20)
    for second in range(25, 40):
        traffic.take(report(calls(10)), now_s=T0 + second)
        found += rates(traffic, [second])
    assert found == pytest.approx([10.0] * 15)


def test_a_report_that_comes_twice_counts_once() -> None:
    traffic = Traffic()
    for second in range(1, 12):
        numbered = report(calls(10), number=second)
        traffic.take(numbered, now_s=T0 + second)
        traffic.take(numbered, now_s=T0 + second + 0.1)
    assert rates(traffic, [11.1]) == pytest.approx([10.0], rel=0.03)


def test_a_clock_that_jumps_ahead_leaves_nothing_behind_that_is_wrong() -> None:
    traffic, found = Traffic(), []
    each_second(traffic, report(calls(10)), upto=20)
    found.append(edge(traffic, 320))
    for second in range(321, 335):
        traffic.take(report(calls(10)), now_s=T0 + second)
        found.append(edge(traffic, second))
    assert found[0] == EdgeTraffic(seen_at=at(20), is_stale=True)
    assert [each.rate for each in found[1:] if each] == pytest.approx([10.0] * 14)


def test_a_clock_that_goes_back_begins_anew() -> None:
    traffic, found = Traffic(), []
    each_second(traffic, report(calls(10)), upto=20)
    assert edge(traffic, -3600) is None
    for second in range(-3599, -3585):
        traffic.take(report(calls(10)), now_s=T0 + second)
        found += rates(traffic, [second])
    assert found == pytest.approx([10.0] * 14)


def test_an_unsteady_clock_is_steadied() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10)), upto=20)
    assert rates(traffic, [18]) == [10.0]


def test_revisions_of_an_intention_are_one_intention() -> None:
    traffic = Traffic()
    before, after = denied(4, leaf="web>db@9"), denied(4, leaf="web>db@12#tcp")
    each_second(traffic, report(before, service="db"), upto=5)
    each_second(traffic, report(after, service="db"), first=6, upto=10)
    assert traffic.by_intention(now_s=T0 + 10) == {
        ("web", "db"): IntentionTraffic(rate=0.0, denied_rate=4.0, seen_at=at(10))
    }
    assert traffic.denials("db", now_s=T0 + 10) == (
        Denial(source="web", leaf="web>db@12#tcp", rate=4.0, count=40, seen_at=at(10)),
    )


def test_denials_are_kept_apart_by_what_decided() -> None:
    traffic = Traffic()
    by_rule = denied(1, leaf="*>db@3")
    by_default = denied(2, source="api", leaf="default>db")
    traffic.take(report(by_rule, by_default, service="db"), now_s=T0 + 1)
    assert set(traffic.by_intention(now_s=T0 + 1)) == {("*", "db")}
    found = {(each.source, each.leaf): each.count for each in traffic.denials("db", now_s=T0 + 700)}
    assert found == {("web", "*>db@3"): 1, ("api", "default>db"): 2}
    assert traffic.denials("db", now_s=T0 + 1800) == ()


def test_an_intention_for_any_destination_adds_up_what_it_decides() -> None:
    traffic = Traffic()
    for name in ("api", "db"):
        row = calls(3, destination=name, leaf="web>*@5")
        traffic.take(report(row, service=name), now_s=T0 + 1)
    assert traffic.by_intention(now_s=T0 + 1) == {
        ("web", "*"): IntentionTraffic(rate=6.0, denied_rate=0.0, seen_at=at(1))
    }


def test_callers_without_an_identity_count_for_the_service_alone() -> None:
    traffic = Traffic()
    traffic.take(report(calls(5, source="")), now_s=T0 + 1)
    assert traffic.edges(now_s=T0 + 1) == {}
    assert traffic.vertices(now_s=T0 + 1)["api"].rate == 5.0


def test_no_more_callers_are_kept_than_there_is_room_for() -> None:
    traffic = Traffic()
    crowd = tuple(calls(1, source=f"caller-{number}") for number in range(600))
    traffic.take(report(*crowd), now_s=T0 + 1)
    assert len(traffic.edges(now_s=T0 + 1)) == 500
    assert traffic.vertices(now_s=T0 + 1)["api"].rate == 600.0


def counted_in(traffic: Traffic, seconds: float, **which: object) -> list[float | None]:
    points = traffic.series(**which, now_s=T0 + seconds)  # type: ignore[arg-type]  # a table
    return [point.rate for point in points]


def test_a_series_has_a_point_for_each_step_and_none_where_nobody_reported() -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(10)), upto=20)
    each_second(traffic, report(), first=31, upto=60)
    points = traffic.series(source="web", destination="api", now_s=T0 + 61)
    assert [point.at for point in points[-12:]] == [at(step) for step in range(0, 60, 5)]
    assert len(points) == 180
    assert [point.rate for point in points[-13:]] == [
        *(None, 10.0, 10.0, 10.0, 10.0, None, None),
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ]


def test_a_series_is_of_an_edge_a_service_an_instance_or_a_caller() -> None:
    traffic = Traffic()
    for second in range(1, 11):
        traffic.take(report(calls(10), calls(5, source="db"), instance="api-1"), now_s=T0 + second)
        traffic.take(report(calls(20), instance="api-2"), now_s=T0 + second)
        to_db = calls(7, destination="db")
        traffic.take(report(to_db, service="db"), now_s=T0 + second)
    first = ("node-1", "api-1")
    assert counted_in(traffic, 11, destination="api")[-2:] == [35.0, 35.0]
    assert counted_in(traffic, 11, source="web", destination="api")[-2:] == [30.0, 30.0]
    assert counted_in(traffic, 11, destination="api", instance=first)[-2:] == [15.0, 15.0]
    assert counted_in(traffic, 11, source="web")[-2:] == [37.0, 37.0]
    assert set(counted_in(traffic, 11, destination="cache")) == {None}


@pytest.mark.parametrize(
    ("row", "error_ratio"),
    [
        (calls(1, code="500"), 1.0),
        (calls(1, code="499"), 0.0),
        (calls(1, code="0", flags="DC"), 0.0),
        (calls(1, protocol="grpc", code="14"), 1.0),
        (calls(1, protocol="grpc", code="5"), 0.0),
        (calls(1, protocol="tcp", code="", flags="UF,URX"), 1.0),
        (calls(1, protocol="tcp", code="", flags="-"), 0.0),
    ],
)
def test_what_counts_as_an_error_depends_on_the_protocol(row: Counted, error_ratio: float) -> None:
    traffic = Traffic()
    traffic.take(report(row), now_s=T0 + 1)
    found = edge(traffic, 1)
    assert found is not None
    assert found.error_ratio == error_ratio


@pytest.mark.parametrize(("window_s", "rate"), [(60, 10.0), (900, 40.0)])
def test_callers_are_known_of_the_last_minute_and_of_15(window_s: int, rate: float) -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(50), calls(1, source="db")), upto=600)
    each_second(traffic, report(calls(10), calls(1, source="")), first=601, upto=798)
    found = traffic.callers("api", window_s=window_s, now_s=T0 + 799)
    assert found["web"].rate == pytest.approx(rate, rel=0.03)
    assert {name: each.seen_at for name, each in found.items()} == {
        "web": at(798),
        "db": at(600),
        "": at(798),
    }
    assert traffic.callers("cache", window_s=window_s, now_s=T0 + 799) == {}


@pytest.mark.parametrize("phase", [0.0, 0.0001, 0.3, 0.9999])
def test_the_rest_of_a_report_is_no_peak(phase: float) -> None:
    traffic = Traffic()
    each_second(traffic, report(calls(7)), upto=20, phase=phase)
    shown = rates(traffic, [second + phase for second in range(21, 40)])
    assert {round(rate) for rate in shown if rate is not None} == {7}
    points = traffic.series(source="web", destination="api", now_s=T0 + 60)
    assert {round(point.rate) for point in points if point.rate} == {7}
