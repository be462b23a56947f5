"""When which check is to be looked at: a plan in memory without a clock, told the time."""

import heapq
import itertools
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from meshcore.checking.deciding import Counts, interval_of, judge
from meshcore.registry.checks import RUN_BY_SERVER, deregister_after_s, kind_of
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.liveness import has_agent
from meshcore.registry.types import NODE_LEVEL, Check, CheckKey, InstanceKey, Status
from meshcore.registry.view import NO_CHECKS, Checks, Registry

FIRST_RUN_WITHIN_S = 1.0

Step = Literal["probe", "expire", "deregister"]


class Tracked:
    """A check and how it has fared."""

    def __init__(self, check: Check, *, now_s: float) -> None:
        self.check = check
        self.since_s = now_s
        self.counts = Counts()
        self.critical_since_s: float | None = None


class Due(NamedTuple):
    at_s: float
    order: int
    step: Step
    tracked: Tracked


class Agenda:
    def __init__(
        self, *, node: str | None, heartbeats: Heartbeats, runs: Collection[str] = RUN_BY_SERVER
    ) -> None:
        self.node = node  # None: all that have no agent of their own
        self.runs = runs
        self.heartbeats = heartbeats
        self.tracked: dict[CheckKey, Tracked] = {}
        self.seen: dict[InstanceKey, Checks] = {}
        self.heap: list[Due] = []
        self.order = itertools.count()

    def follow(self, registry: Registry, *, now_s: float, chance: float) -> None:
        """Take over what the registry says; instances that have not changed cost little."""
        before, self.seen = self.seen, {}
        for key in self._owners(registry):
            checks = registry.checks_of(key)
            old = before.pop(key, NO_CHECKS)
            if checks is not old:
                self._forget(old, checks)
                for position, record in enumerate(checks.values()):
                    spread = (chance + position / len(checks)) % 1
                    self._track(record.value, now_s=now_s, chance=spread)
                chance = (chance + 0.618) % 1  # spreads a thousand first runs evenly
            self.seen[key] = checks
        for gone in before.values():
            self._forget(gone, NO_CHECKS)

    def due(self, *, now_s: float, most: int) -> list[Due]:
        """Take off what is due; what is too much for now is late."""
        taken: list[Due] = []
        while self.heap and self.heap[0].at_s <= now_s and len(taken) < most:
            step = heapq.heappop(self.heap)
            if self.tracked.get(step.tracked.check.key) is step.tracked:
                taken.append(step)
        return taken

    def next_s(self) -> float | None:
        return self.heap[0].at_s if self.heap else None

    def probed(self, tracked: Tracked, status: Status, *, now_s: float) -> Status:
        """Count the result, plan the next probe and return the status that it makes."""
        definition = tracked.check.definition
        judged = judge(
            definition,
            current=tracked.check.status,
            probed=status,
            counts=tracked.counts,
            checks=len(self.tracked),
        )
        tracked.counts = judged.counts
        self._plan("probe", tracked, at_s=now_s + (judged.again_in_s or interval_of(definition)))
        return judged.status

    def has_expired(self, tracked: Tracked, *, now_s: float) -> bool:
        """Has its time to live run out? Plan the next look either way."""
        ttl_s = tracked.check.definition.ttl_s
        deadline_s = self.heartbeats.deadline_s(
            tracked.check.key, ttl_s=ttl_s, known_since_s=tracked.since_s
        )
        self._plan("expire", tracked, at_s=deadline_s if deadline_s > now_s else now_s + ttl_s)
        return deadline_s <= now_s and tracked.check.status != "critical"

    def is_to_go(self, tracked: Tracked, *, now_s: float) -> bool:
        """Has it been critical for so long that its service is to be deregistered?"""
        after_s = deregister_after_s(tracked.check.definition)
        since_s = tracked.critical_since_s
        return bool(after_s) and since_s is not None and now_s >= since_s + after_s

    def _owners(self, registry: Registry) -> Iterator[InstanceKey]:
        """The instances whose checks are planned here, and the nodes themselves."""
        names = registry.nodes if self.node is None else (self.node,)
        for name in names:
            if self.node is None and has_agent(registry.node(name)):
                continue
            yield from registry.on_node(name)
            yield (name, NODE_LEVEL)

    def _track(self, check: Check, *, now_s: float, chance: float) -> None:
        tracked = self.tracked.get(check.key)
        if tracked is None or tracked.check.definition != check.definition:
            tracked = self.tracked[check.key] = Tracked(check, now_s=now_s)
            self._begin(tracked, now_s=now_s, chance=chance)
        tracked.check = check
        if check.status != "critical":
            tracked.critical_since_s = None
        elif tracked.critical_since_s is None:
            tracked.critical_since_s = now_s
            after_s = deregister_after_s(check.definition)
            if after_s and check.service_id:
                self._plan("deregister", tracked, at_s=now_s + after_s)

    def _begin(self, tracked: Tracked, *, now_s: float, chance: float) -> None:
        definition = tracked.check.definition
        if kind_of(tracked.check) in self.runs and definition.interval_s > 0:
            within_s = min(definition.interval_s, FIRST_RUN_WITHIN_S)
            self._plan("probe", tracked, at_s=now_s + within_s * chance)
        elif definition.ttl_s > 0:
            self._plan("expire", tracked, at_s=now_s + definition.ttl_s)

    def _forget(self, old: Checks, new: Checks) -> None:
        for check_id, record in old.items():
            if check_id not in new:
                self.tracked.pop(record.value.key, None)
                self.heartbeats.forget(record.value.key)

    def _plan(self, step: Step, tracked: Tracked, *, at_s: float) -> None:
        heapq.heappush(self.heap, Due(at_s, next(self.order), step, tracked))
