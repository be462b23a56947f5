"""The published rule, docs/health.md, by its thresholds."""

import pytest

from meshcore.registry.health import Health
from meshcore.traffic.health import Judged, judged
from meshcore.traffic.types import EdgeTraffic

PASSING = Judged("passing", "all checks are passing")
WARNING = Judged("warning", "its instance is warning")
UNKNOWN = Judged("unknown", "nobody registered it")


def traffic(
    rate: float, error_ratio: float | None = None, *, is_stale: bool = False
) -> EdgeTraffic:
    return EdgeTraffic(rate=rate, error_ratio=error_ratio, is_stale=is_stale)


@pytest.mark.parametrize(
    ("checks", "seen", "health", "reason"),
    [
        (PASSING, None, "passing", "all checks are passing"),
        (PASSING, EdgeTraffic(), "passing", "all checks are passing"),
        (PASSING, traffic(100, 0.0499), "passing", "all checks are passing"),
        (PASSING, traffic(100, 0.05), "warning", "5.0% of 100 calls a second are errors"),
        (PASSING, traffic(12.34, 0.4999), "warning", "50.0% of 12.3 calls a second are errors"),
        (PASSING, traffic(1, 0.5), "critical", "50.0% of 1 calls a second are errors"),
        (PASSING, traffic(0.99, 1.0), "passing", "all checks are passing"),
        (PASSING, traffic(100, 1.0, is_stale=True), "passing", "all checks are passing"),
        (WARNING, traffic(100, 0.06), "warning", "its instance is warning"),
        (WARNING, traffic(100, 0.6), "critical", "60.0% of 100 calls a second are errors"),
        (UNKNOWN, None, "unknown", "nobody registered it"),
        (UNKNOWN, traffic(100, 0.0), "passing", "0.0% of 100 calls a second are errors"),
    ],
)
def test_the_worse_of_checks_and_traffic_is_the_health(
    checks: Judged, seen: EdgeTraffic | None, health: Health, reason: str
) -> None:
    assert judged(checks, seen) == Judged(health, reason)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (None, "nobody reports its traffic"),
        (traffic(1, 0.5, is_stale=True), "nobody reports its traffic any more"),
        (traffic(0.0), "too few calls to tell: 0 a second"),
        (EdgeTraffic(rate=0.0, denied_rate=21.64), "all of 21.6 calls a second are denied"),
        (traffic(0.512, 1.0), "too few calls to tell: 0.512 a second"),
    ],
)
def test_where_nothing_can_be_told_the_reason_says_why(
    seen: EdgeTraffic | None, reason: str
) -> None:
    assert judged(Judged("unknown", ""), seen) == Judged("unknown", reason)
