"""What the pages of a service and an instance say of traffic, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from dashboard.instance import instance
from dashboard.intentions.listed import intentions
from dashboard.overview import Sick, overview
from dashboard.pages import PageRequest
from dashboard.params import Params
from dashboard.service import service
from dashboard.services import services
from dashboard.traffic import REFRESH, Charted, DenialRow, Others
from meshcore.store.callers import ANYBODY, Caller
from meshcore.traffic.health import Judged
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Counted, EdgeTraffic
from tests.dashboard.asking import FACTS, NOW, asking, holder
from tests.topology.meshes import allow, deny, mesh, toward
from tests.topology.meshes import service as registered
from tests.traffic.reports import calls, denied, report

MESH = mesh(
    registered("web", calls=["api"]),
    registered("api", calls=["db"]),
    registered("db"),
    toward(allow("web", "api"), deny("db", "api")),
)
REFUSED = denied(3, source="db", destination="api", leaf="db>api@9#1")
BY_DEFAULT = denied(1, source="cart", destination="api", leaf="default>api")
SEEN_AT = datetime.fromtimestamp(int(NOW.timestamp()), tz=UTC)


def reported(*counted: Counted, seconds: int = 10) -> Traffic:
    """The same each second, until now."""
    traffic = Traffic()
    for ago in reversed(range(seconds)):
        traffic.take(report(*counted), now_s=NOW.timestamp() - ago)
    return traffic


def asked(
    traffic: Traffic,
    *,
    caller: Caller = ANYBODY,
    later: timedelta = timedelta(),
    **arguments: str,
) -> PageRequest:
    facts = replace(FACTS, traffic=traffic)
    return replace(asking(MESH, caller=caller, arguments=arguments, facts=facts), now=NOW + later)


def of_api(traffic: Traffic, **rest: object) -> dict[str, object]:
    return dict(service(asked(traffic, name="api", **rest)).context)  # type: ignore[arg-type]


def others(found: object) -> list[tuple[str, float | None, float | None]]:
    assert isinstance(found, Others)
    return [(row.name, row.traffic.rate, row.traffic.denied_rate) for row in found.rows]


def test_service_shows_who_calls_it_the_busiest_first() -> None:
    context = of_api(reported(calls(50), calls(5, source=""), REFUSED))
    assert others(context["callers_now"]) == [("web", 50, 0), ("", 5, 0), ("db", 0, 3)]


def test_service_shows_whom_it_calls() -> None:
    traffic = reported(calls(50))
    context = dict(service(asked(traffic, name="web")).context)
    assert others(context["called_now"]) == [("api", 50, 0)]


def test_caller_that_the_token_may_not_read_is_counted_and_not_named() -> None:
    only_api = holder('service "api" { policy = "read" }')
    context = of_api(reported(calls(50)), caller=only_api)
    assert context["callers_now"] == Others((), hidden=1)


def test_denial_names_the_intention_and_the_permission_that_decided() -> None:
    assert of_api(reported(REFUSED, BY_DEFAULT, seconds=1))["denials"] == (
        DenialRow(
            source="db",
            count=3,
            rate=3,
            seen_at=SEEN_AT,
            ends=("db", "api"),
            place="permission 2",
        ),
        DenialRow(source="cart", count=1, rate=1, seen_at=SEEN_AT, ends=None, place=""),
    )


def test_denials_are_for_who_may_read_the_intentions() -> None:
    nobody = holder('service_prefix "" { policy = "read" intentions = "deny" }')
    assert of_api(reported(REFUSED), caller=nobody)["denials"] == ()


def test_health_follows_from_errors_and_says_so() -> None:
    context = of_api(reported(calls(40, code="503"), calls(60)))
    assert context["health"] == Judged("warning", "40.0% of 100 calls a second are errors")


def test_what_nobody_reports_is_not_drawn() -> None:
    assert of_api(Traffic())["traffic"] is None


def test_chart_has_a_column_for_each_line_and_the_table_a_row_for_each_minute() -> None:
    found = of_api(reported(calls(30), calls(10, code="500"), REFUSED, seconds=60))["traffic"]
    assert isinstance(found, Charted)
    points = msgspec.json.decode(found.points, type=dict[str, list[float | None]])
    assert list(points) == ["at", "rate", "errors", "denied", "p50", "p95", "p99", "bytes"]
    assert {len(column) for column in points.values()} == {180}
    assert (points["rate"][-2], points["errors"][-2], points["denied"][-2]) == (40, 10, 3)
    assert (found.minutes[0].rate, found.minutes[0].errors, found.minutes[0].denied) == (40, 10, 3)


def test_numbers_of_proxies_that_fell_silent_are_shown_as_stale() -> None:
    context = of_api(reported(calls(50)), later=timedelta(seconds=6))
    found = context["traffic"]
    assert isinstance(found, Charted)
    assert isinstance(found.now, EdgeTraffic)
    assert found.now.is_stale


def test_instance_shows_what_reached_it_alone() -> None:
    traffic = reported(calls(50))
    request = asked(traffic, name="api", id="api-1")
    found = instance(request).context["traffic"]
    assert isinstance(found, Charted)
    assert found.now is None


def test_list_of_services_has_numbers_and_a_health_with_its_reason() -> None:
    traffic = reported(calls(40, code="503"), calls(60))
    shown = services(asked(traffic))
    assert shown.listing is not None
    assert [(row.name, row.health, row.reason, row.rate) for row in shown.listing.rows] == [
        ("api", "warning", "40.0% of 100 calls a second are errors", 100),
        ("db", "passing", "all checks are passing", None),
        ("web", "passing", "all checks are passing", None),
    ]
    assert shown.refresh == REFRESH


def test_list_of_intentions_says_what_each_decided_and_which_never_did() -> None:
    shown = intentions(asked(reported(calls(50)))).listing
    assert shown is not None
    assert [(row.pair, row.rate, row.denied_rate, row.last_seen_at) for row in shown.rows] == [
        ("db api", None, None, None),
        ("web api", 50, 0, SEEN_AT),
    ]
    unused = replace(asked(reported(calls(50))), params=Params((("used", "not in 15 minutes"),)))
    found = intentions(unused).listing
    assert found is not None
    assert [row.pair for row in found.rows] == ["db api"]


def test_overview_begins_with_what_fails_by_traffic_and_who_was_denied() -> None:
    context: Any = overview(asked(reported(calls(50, code="503"), REFUSED))).context
    assert context["sick"] == [Sick("api", "critical", "100.0% of 50 calls a second are errors")]
    assert [(each.destination, each.attempt.source) for each in context["denied"]] == [
        ("api", "db")
    ]
