"""Runs this host's checks; what they find is written into the host, whatever the servers do."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Collection
from functools import partial

from meshcore.actions.checks import set_check_status
from meshcore.actions.registry import deregister_service
from meshcore.agent import script
from meshcore.agent.host import Host
from meshcore.agent.running import SCRIPT
from meshcore.checking import probing
from meshcore.checking.agenda import Agenda, Due, Tracked
from meshcore.lib.errors import MeshError
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from meshcore.registry.checks import TTL_EXPIRED
from meshcore.registry.types import Check

PROBES_AT_ONCE = 64
STEPS_A_TURN = 200
LONGEST_PAUSE_S = 1.0

logger = logging.getLogger(__name__)


async def run_checks(host: Host, *, runs: Collection[str], policy: Policy) -> None:
    """Run until it is cancelled."""
    agenda = Agenda(node=host.node.name, heartbeats=host.heartbeats, runs=runs)
    slots = asyncio.Semaphore(PROBES_AT_ONCE)
    changed = host.reader()
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            if changed.is_set():
                changed.clear()
                chance = random.random()  # noqa: S311 - spreads load, guards nothing
                agenda.follow(host.registry, now_s=time.monotonic(), chance=chance)
            for due in agenda.due(now_s=time.monotonic(), most=STEPS_A_TURN):
                task = asyncio.create_task(_step(host, agenda, due, slots, policy))
                running.add(task)
                task.add_done_callback(running.discard)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), _pause_s(agenda))
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)  # scripts end with the agent


def _pause_s(agenda: Agenda) -> float:
    next_s = agenda.next_s()
    if next_s is None:
        return LONGEST_PAUSE_S
    return min(max(next_s - time.monotonic(), 0.0), LONGEST_PAUSE_S)


async def _step(
    host: Host, agenda: Agenda, due: Due, slots: asyncio.Semaphore, policy: Policy
) -> None:
    check = due.tracked.check
    try:
        match due.step:
            case "probe":
                async with slots:
                    await _probe(host, agenda, due.tracked, policy)
            case "expire":
                if agenda.has_expired(due.tracked, now_s=time.monotonic()):
                    tell(host, check, Outcome("critical", TTL_EXPIRED))
            case "deregister":
                if agenda.is_to_go(due.tracked, now_s=time.monotonic()):
                    _deregister(host, check)
    except MeshError as error:
        logger.warning("check %s: %s", check.id, error)
    except Exception:  # the outermost loop of the checks: one of them must not end the others
        logger.exception("check %s failed to run", check.id)


async def _probe(host: Host, agenda: Agenda, tracked: Tracked, policy: Policy) -> None:
    outcome = await _outcome(tracked.check, policy)
    if host.registry.check(tracked.check.key) is None:
        return  # deregistered while it was run
    status = agenda.probed(tracked, outcome.status, now_s=time.monotonic())
    host.heartbeats.outputs[tracked.check.key] = outcome.output
    tell(host, tracked.check, Outcome(status, outcome.output))


async def _outcome(check: Check, policy: Policy) -> Outcome:
    if check.type != SCRIPT:
        return await probing.probe(check, policy)
    definition = check.definition
    return await script.probe(
        definition.script_args,
        timeout_s=definition.timeout_s,
        output_limit=definition.output_max_size,
    )


def tell(host: Host, check: Check, outcome: Outcome) -> None:
    """The output counts with another status alone; what merely varies stays on this host."""
    action = partial(
        set_check_status,
        node=check.node,
        check_id=check.id,
        status=outcome.status,
        output=outcome.output,
    )
    if host.write(action):
        logger.info("check %s is %s", check.id, outcome.status)


def _deregister(host: Host, check: Check) -> None:
    logger.warning(
        "deregistering %s: its check %s has been critical for too long", check.service_id, check.id
    )
    host.write(partial(deregister_service, node=check.node, service_id=check.service_id))
