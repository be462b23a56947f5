"""Runs checks in the server itself, where there is no Redis; only a new status is a write."""

import asyncio
import contextlib
import logging
import random
import time
from datetime import UTC, datetime
from functools import partial

from meshcore.actions.checks import set_check_status
from meshcore.actions.registry import deregister_service
from meshcore.checking.agenda import Agenda, Due, Tracked
from meshcore.checking.probing import NO_LIMITS, probe
from meshcore.lib.errors import MeshError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from meshcore.registry.checks import TTL_EXPIRED
from meshcore.registry.heartbeats import Heartbeats, Noted
from meshcore.registry.types import Check, Status
from meshcore.store.store import Action, Store

ACTOR = "health checks"
PROBES_AT_ONCE = 256
STEPS_A_TURN = 50  # 1,000 checks a second: enough for 10,000 every 10 s
LONGEST_PAUSE_S = 1.0
SHORTEST_PAUSE_S = 0.05
REST = 20  # rest so many times as long as the last look at the registry took

logger = logging.getLogger(__name__)


async def run_checks(store: Store, *, heartbeats: Heartbeats, policy: Policy = NO_LIMITS) -> None:
    """Expire TTL checks, probe the others, deregister what is critical for too long."""
    agenda = Agenda(node=None, heartbeats=heartbeats)
    slots = asyncio.Semaphore(PROBES_AT_ONCE)
    running: set[asyncio.Task[None]] = set()
    touched = asyncio.Event()

    def wake(mesh: Mesh, keys: frozenset[WatchKey]) -> None:
        touched.set()

    subscription = store.subscribe((watch.CHECKS, watch.NODES), wake)
    touched.set()
    try:
        while True:
            began_s = time.monotonic()
            if touched.is_set():
                touched.clear()
                agenda.follow(store.mesh.registry, now_s=began_s, chance=_chance())
            for due in agenda.due(now_s=time.monotonic(), most=STEPS_A_TURN):
                task = asyncio.create_task(_step(store, agenda, due, slots, policy))
                running.add(task)
                task.add_done_callback(running.discard)
            rest_s = max(SHORTEST_PAUSE_S, REST * (time.monotonic() - began_s))
            await asyncio.sleep(rest_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(touched.wait(), _pause_s(agenda))
    finally:
        subscription.close()
        for task in running:
            task.cancel()


def _pause_s(agenda: Agenda) -> float:
    next_s = agenda.next_s()
    if next_s is None:
        return LONGEST_PAUSE_S
    return min(max(next_s - time.monotonic(), 0.0), LONGEST_PAUSE_S)


async def _step(
    store: Store, agenda: Agenda, due: Due, slots: asyncio.Semaphore, policy: Policy
) -> None:
    try:
        match due.step:
            case "probe":
                async with slots:
                    await _probe(store, agenda, due.tracked, policy)
            case "expire":
                if agenda.has_expired(due.tracked, now_s=time.monotonic()):
                    expired = Outcome("critical", TTL_EXPIRED)
                    _note(agenda.heartbeats, due.tracked.check, expired)
                    await _tell(store, due.tracked.check, "critical", TTL_EXPIRED)
            case "deregister":
                if agenda.is_to_go(due.tracked, now_s=time.monotonic()):
                    await _deregister(store, due.tracked.check)
    except MeshError as error:
        logger.warning("check %s: %s", due.tracked.check.id, error)
    except Exception:  # the outermost loop of the checks: one of them must not end the others
        logger.exception("check %s failed to run", due.tracked.check.id)


async def _probe(store: Store, agenda: Agenda, tracked: Tracked, policy: Policy) -> None:
    outcome = await probe(tracked.check, policy)
    status = agenda.probed(tracked, outcome.status, now_s=time.monotonic())
    _note(agenda.heartbeats, tracked.check, outcome)
    if status != tracked.check.status:
        await _tell(store, tracked.check, status, outcome.output)


def _note(heartbeats: Heartbeats, check: Check, outcome: Outcome) -> None:
    """The history has what is another output or status than the last."""
    if heartbeats.output(check.key, "") != outcome.output:
        heartbeats.note(check.key, Noted(datetime.now(UTC), outcome.status, outcome.output))
    heartbeats.outputs[check.key] = outcome.output


async def _tell(store: Store, check: Check, status: Status, output: str) -> None:
    action: Action = partial(
        set_check_status, node=check.node, check_id=check.id, status=status, output=output
    )
    await store.write(action, actor=ACTOR, reason=f"{check.name} is {status}")


async def _deregister(store: Store, check: Check) -> None:
    action: Action = partial(deregister_service, node=check.node, service_id=check.service_id)
    reason = f'check "{check.name}" has been critical for too long'
    logger.warning("deregistering %s: %s", check.service_id, reason)
    await store.write(action, actor=ACTOR, reason=reason)


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads load, guards nothing
