"""What follows from a probe: pure, for agents, for a server alone and for workers alike.

A check that is critical is looked at again soon and then ever later up to its interval, so that a
sidecar that begins to listen is used within a second or two. The more checks there are, the less
soon: thousands of critical ones must not take the processor from callers.
"""

from typing import NamedTuple

import msgspec

from meshcore.registry.checks import MIN_INTERVAL_S, RUN_BY_SERVER, kind_of, next_status
from meshcore.registry.liveness import has_agent
from meshcore.registry.types import Check, CheckDefinition, Status
from meshcore.registry.view import Registry

LONGEST_EXPONENT = 10
HASTY_CHECKS = 200  # as many may be looked at again within a second


class Counts(msgspec.Struct, frozen=True):
    """Consecutive results so far."""

    successes: int = 0
    failures: int = 0

    def after(self, probed: Status) -> "Counts":
        if probed == "critical":
            return Counts(0, self.failures + 1)
        return Counts(self.successes + 1, 0)


class Judged(NamedTuple):
    counts: Counts
    status: Status
    again_in_s: float | None  # sooner than its interval says, or None


def judge(
    definition: CheckDefinition, *, current: Status, probed: Status, counts: Counts, checks: int
) -> Judged:
    """Count a result; `checks` is how many there are in all."""
    counts = counts.after(probed)
    status = next_status(
        current=current,
        probed=probed,
        successes=counts.successes,
        failures=counts.failures,
        definition=definition,
    )
    return Judged(counts, status, _again_in_s(definition, failures=counts.failures, checks=checks))


def _again_in_s(definition: CheckDefinition, *, failures: int, checks: int) -> float | None:
    if not failures:
        return None
    soonest_s = max(1.0, checks / HASTY_CHECKS)
    wait_s = soonest_s * 2 ** min(failures - 1, LONGEST_EXPONENT)
    return wait_s if wait_s < interval_of(definition) else None


def interval_of(definition: CheckDefinition) -> float:
    return max(definition.interval_s, MIN_INTERVAL_S)


def next_turn(*, now_s: float, interval_s: float, chance: float) -> float:
    """The next of its turns that is at least half an interval away.

    Each check has turns of its own, `chance` of an interval after each multiple of it. So checks
    that began together, or were all late together, are spread again by their second run, and one
    that is slow runs less often and never twice at once.
    """
    earliest_s = now_s + interval_s / 2
    turns = -((chance * interval_s - earliest_s) // interval_s)
    return chance * interval_s + turns * interval_s


def is_probed_here(registry: Registry, check: Check) -> bool:
    """Is it for a server or its workers to run? A node with an agent looks after its own."""
    if kind_of(check) not in RUN_BY_SERVER or check.definition.interval_s <= 0:
        return False
    return not has_agent(registry.node(check.node))
