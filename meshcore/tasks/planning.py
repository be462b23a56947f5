"""Which checks are to be looked at, and when next: what Redis has, held against the mesh.

Pure: both are handed in. Three plans, each of due times: probes; TTL checks that expire; services
that go because a check has been critical for too long.
"""

from collections.abc import Iterable, Mapping
from typing import Literal
from zlib import crc32

import msgspec

from meshcore.checking.deciding import interval_of, is_probed_here, next_turn
from meshcore.registry.checks import deregister_after_s
from meshcore.registry.liveness import has_agent
from meshcore.registry.types import Check, CheckKey
from meshcore.registry.view import Registry

Plan = Literal["probe", "expire", "deregister"]
Times = Mapping[CheckKey, float]

SOON_S = 1.0  # a check that was registered just now is first run within this
FEW = 200  # and when so many are, each at its turn


class Corrections(msgspec.Struct, frozen=True):
    """What is to be put into a plan, and what is to be taken out of it."""

    put: dict[CheckKey, float] = {}
    gone: tuple[CheckKey, ...] = ()


def chance_of(key: CheckKey) -> float:
    """Where in its interval a check has its turns: anywhere, but always the same."""
    return crc32("/".join(key).encode()) / 2**32


def corrections(
    registry: Registry, plans: Mapping[Plan, Times], *, now_s: float, slack_s: float
) -> dict[Plan, Corrections]:
    """What each plan lacks, and has too much; a time that no rule would give is wrong, too."""
    wanted = {plan: dict[CheckKey, Check]() for plan in plans}
    for key, record in registry.checks.items():
        for plan in plans_of(registry, record.value):
            if plan in wanted:
                wanted[plan][key] = record.value
    return {
        plan: _corrected(plan, times, wanted[plan], now_s=now_s, slack_s=slack_s)
        for plan, times in plans.items()
    }


def plans_of(registry: Registry, check: Check) -> Iterable[Plan]:
    """The plans in which a check is to stand."""
    if is_probed_here(registry, check):
        yield "probe"
    if has_agent(registry.node(check.node)):
        return
    if check.definition.ttl_s > 0:
        yield "expire"
    if check.status == "critical" and check.service_id and deregister_after_s(check.definition):
        yield "deregister"


def first_time(plan: Plan, check: Check, *, now_s: float, is_one_of_few: bool) -> float:
    chance = chance_of(check.key)
    match plan:
        case "probe":
            interval_s = interval_of(check.definition)
            if is_one_of_few:
                return now_s + min(SOON_S, interval_s) * chance
            return next_turn(now_s=now_s - interval_s / 2, interval_s=interval_s, chance=chance)
        case "expire":
            return now_s + check.definition.ttl_s
        case "deregister":
            return now_s + deregister_after_s(check.definition)


def longest_wait(plan: Plan, check: Check) -> float:
    match plan:
        case "probe":
            return 1.5 * interval_of(check.definition)
        case "expire":
            return check.definition.ttl_s
        case "deregister":
            return deregister_after_s(check.definition)


def _corrected(
    plan: Plan, times: Times, wanted: Mapping[CheckKey, Check], *, now_s: float, slack_s: float
) -> Corrections:
    new = [
        check
        for key, check in wanted.items()
        if key not in times or times[key] > now_s + longest_wait(plan, check) + slack_s
    ]
    is_few = len(new) <= FEW
    return Corrections(
        put={c.key: first_time(plan, c, now_s=now_s, is_one_of_few=is_few) for c in new},
        gone=tuple(key for key in times if key not in wanted),
    )
