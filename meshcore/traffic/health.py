"""What counts as an error, and how healthy something is by its checks and its traffic.

docs/health.md says the same to operators: whoever changes one changes both.
"""

import msgspec

from meshcore.registry.health import Health
from meshcore.traffic.types import EdgeTraffic, TrafficProtocol

# As OpenTelemetry counts the errors of servers: what the caller did wrong is none.
GRPC_ERRORS = frozenset(("2", "4", "12", "13", "14", "15"))
# Envoy reached no instance, or lost it: none healthy, failed, reset, overflow, timeout, no route.
CONNECTION_ERRORS = frozenset(("UH", "UF", "UC", "UR", "UO", "UT", "NR", "NC"))

LEAST_RATE = 1.0  # calls a second, over the last ten; fewer say nothing
WARNING_RATIO = 0.05
CRITICAL_RATIO = 0.5

SEVERITY: dict[Health, int] = {"unknown": 0, "passing": 1, "warning": 2, "critical": 3}


class Judged(msgspec.Struct, frozen=True, gc=False):
    health: Health
    reason: str


def is_error(protocol: TrafficProtocol, *, code: str, flags: str) -> bool:
    if protocol == "http":
        return len(code) == 3 and code[0] == "5"
    if protocol == "grpc" and code:
        return code in GRPC_ERRORS
    return not CONNECTION_ERRORS.isdisjoint(flags.split(","))


def judged(checks: Judged, traffic: EdgeTraffic | None) -> Judged:
    """The worse of what checks and traffic say; where they agree, checks give the reason."""
    by_traffic = by_errors(traffic)
    if SEVERITY[by_traffic.health] > SEVERITY[checks.health] or not checks.reason:
        return by_traffic
    return checks


def by_errors(traffic: EdgeTraffic | None) -> Judged:
    if traffic is None or traffic.rate is None:
        return Judged("unknown", "nobody reports its traffic")
    if traffic.is_stale:
        return Judged("unknown", "nobody reports its traffic any more")
    if not traffic.rate and traffic.denied_rate:
        return Judged("unknown", f"all of {traffic.denied_rate:.3g} calls a second are denied")
    if traffic.rate < LEAST_RATE or traffic.error_ratio is None:
        return Judged("unknown", f"too few calls to tell: {traffic.rate:.3g} a second")
    said = f"{traffic.error_ratio:.1%} of {traffic.rate:.3g} calls a second are errors"
    if traffic.error_ratio >= CRITICAL_RATIO:
        return Judged("critical", said)
    if traffic.error_ratio >= WARNING_RATIO:
        return Judged("warning", said)
    return Judged("passing", said)
