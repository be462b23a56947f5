"""From single checks to the health of an instance, and of what alias checks follow."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from meshcore.registry.types import Check, Status

Health = Literal["passing", "warning", "critical", "unknown"]  # of whatever is registered or called
Aggregated = Literal["passing", "warning", "critical", "maintenance"]

NODE_MAINTENANCE = "_node_maintenance"
SERVICE_MAINTENANCE = "_service_maintenance:"
SERF_HEALTH = "serfHealth"
WORST_LAST: tuple[Aggregated, ...] = ("passing", "warning", "critical", "maintenance")
# How an agent tells them to a load balancer.
CODES: dict[Aggregated, int] = {"passing": 200, "warning": 429, "critical": 503, "maintenance": 503}
WEIGHT: dict[str, int] = {"passing": 0, "warning": 1, "critical": 2}


class Followed(msgspec.Struct, frozen=True):
    """What an alias check takes over."""

    status: Status
    output: str


def is_maintenance(check: Check) -> bool:
    return check.id == NODE_MAINTENANCE or check.id.startswith(SERVICE_MAINTENANCE)


def aggregate(checks: Iterable[Check]) -> Aggregated:
    """The worst of them; maintenance is worse than critical, no checks at all is passing."""
    worst: Aggregated = "passing"
    for check in checks:
        if is_maintenance(check):
            return "maintenance"
        if WEIGHT[check.status] > WEIGHT[worst]:
            worst = check.status
    return worst


def is_passing(checks: Iterable[Check]) -> bool:
    return all(check.status == "passing" for check in checks)


def followed(checks: Iterable[Check], *, is_registered: bool, name: str) -> Followed:
    """What an alias check shows for the checks of the instance or node that it follows."""
    if not is_registered:
        return Followed("critical", f"Service {name} could not be found")
    worst = max(checks, key=lambda check: WEIGHT[check.status], default=None)
    if worst is None:
        return Followed("passing", "No checks found.")
    if worst.status == "passing":
        return Followed("passing", "All checks passing.")
    return Followed(worst.status, f'Aliased check "{worst.name}" failing: {worst.output}')
