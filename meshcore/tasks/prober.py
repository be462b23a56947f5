"""Runs what one worker has claimed: each probe at its time, hundreds at once on one event loop."""

import asyncio
import contextlib
import logging
import time
from functools import partial
from typing import NamedTuple
from zlib import crc32

from redis.asyncio import Redis

from meshcore.actions.checks import set_check_status
from meshcore.checking.deciding import interval_of, is_probed_here, judge, next_turn
from meshcore.checking.probing import probe
from meshcore.lib.errors import MeshError
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from meshcore.registry.types import Check, CheckKey, Status
from meshcore.store.store import Action, Store
from meshcore.tasks import outputs
from meshcore.tasks.connecting import forever
from meshcore.tasks.due import LEASE_S, Claim, Due, Finished, Progress
from meshcore.tasks.outputs import Said
from meshcore.tasks.planning import chance_of

ACTOR = "health checks"
AHEAD_S = 1.5  # beat comes twice a second, and may be late
MOST_AT_A_CLAIM = 500
MOST_CLAIMED = 4096  # what is more waits for another worker, or for its turn
GATHER_S = 0.01  # results that change nothing are reported together
NOTE_AGAIN_S = 60.0  # of an output that only varies, the history has one a minute

logger = logging.getLogger(__name__)


class Result(NamedTuple):
    finished: Finished
    status: Status
    is_news: bool
    said: Said | None  # an output that is another one, or belongs into the history


class Prober:
    """Of one process; all of it runs on one event loop."""

    def __init__(self, store: Store, redis: Redis, *, mark: str, policy: Policy) -> None:
        self._store = store
        self._redis = redis
        self._due = Due(redis, mark=mark)
        self._policy = policy
        self._claimed: dict[CheckKey, asyncio.Task[None]] = {}  # until it is reported
        self._results: list[Result] = []
        self._has_results = asyncio.Event()
        self._has_news = asyncio.Event()
        self._writes: set[asyncio.Task[None]] = set()

    async def take(self) -> bool:
        """Claim what is due; tell whether there may be more for somebody else."""
        room = min(MOST_CLAIMED - len(self._claimed), MOST_AT_A_CLAIM)
        if room <= 0:
            return False
        now_s, claims = await self._due.claim(ahead_s=AHEAD_S, most=room)
        offset_s = now_s - time.monotonic()
        for claim in claims:
            if claim.key not in self._claimed:  # else its lease has ended, and it still runs
                task = asyncio.create_task(self._run(claim, offset_s=offset_s))
                self._claimed[claim.key] = task
        return len(claims) == room

    async def stop(self) -> None:
        """Leave what has not been reported to other workers at once."""
        for task in self._claimed.values():
            task.cancel()
        await self._due.release(tuple(self._claimed))

    async def run(self) -> None:
        """Report results and prolong claims until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(forever(self._report, what="reporting results"))
            tasks.create_task(forever(self._prolong, what="prolonging claims"))

    async def _run(self, claim: Claim, *, offset_s: float) -> None:
        """Probe at the time that was planned; the check is as the mesh has it then."""
        try:
            await asyncio.sleep(claim.due_s - offset_s - time.monotonic())
            registry = self._store.mesh.registry
            check = registry.check(claim.key)
            if check is None or not is_probed_here(registry, check):
                del self._claimed[claim.key]  # who follows the mesh takes it out of the plan
                return
            outcome = await probe(check, self._policy)
        except Exception:  # the outermost loop of one check: it must not end the others
            logger.exception("check %s failed to run", claim.key[1])
            del self._claimed[claim.key]
            return
        registry = self._store.mesh.registry
        check = registry.check(claim.key) or check
        now_s = time.monotonic() + offset_s
        result = judged(claim, check, outcome, now_s=now_s, checks=len(registry.checks))
        self._results.append(result)
        self._has_results.set()
        if result.is_news:
            self._has_news.set()

    async def _report(self) -> None:
        await self._has_results.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_news.wait(), GATHER_S)
        results, self._results = self._results, []
        self._has_results.clear()
        self._has_news.clear()
        try:
            are_ours = await self._due.finish([result.finished for result in results])
        finally:  # what Redis does not take is run again when its lease has ended
            for result in results:
                self._claimed.pop(result.finished.key, None)
        ours = [result for result, is_ours in zip(results, are_ours, strict=True) if is_ours]
        for result in ours:
            if result.is_news:
                task = asyncio.create_task(self._write(result))
                self._writes.add(task)
                task.add_done_callback(self._writes.discard)
        await outputs.tell(self._redis, [r.said for r in ours if r.said])

    async def _write(self, result: Result) -> None:
        node, check_id = result.finished.key
        action: Action = partial(
            set_check_status,
            node=node,
            check_id=check_id,
            status=result.status,
            output=result.said.output if result.said else "",
        )
        try:
            await self._store.write(action, actor=ACTOR, reason=f"{check_id} is {result.status}")
        except MeshError as error:  # the next probe comes to the same
            logger.warning("check %s: %s", check_id, error)

    async def _prolong(self) -> None:
        await asyncio.sleep(LEASE_S / 3)
        await self._due.prolong(tuple(self._claimed))


def judged(claim: Claim, check: Check, outcome: Outcome, *, now_s: float, checks: int) -> Result:
    """What follows from the outcome; `now_s` is Redis' time, `checks` how many there are."""
    judgement = judge(
        check.definition,
        current=check.status,
        probed=outcome.status,
        counts=claim.progress.counts,
        checks=checks,
    )
    if judgement.again_in_s:
        next_s = now_s + judgement.again_in_s
    else:
        interval_s = interval_of(check.definition)
        next_s = next_turn(now_s=now_s, interval_s=interval_s, chance=chance_of(claim.key))
    told = crc32(outcome.output.encode())
    is_other = told != claim.progress.told
    is_news = judgement.status != check.status
    is_noted = is_news or (is_other and now_s > claim.progress.noted_at_s + NOTE_AGAIN_S)
    said = Said(claim.key, outcome.status, outcome.output, now_s, is_noted)
    progress = Progress(
        counts=judgement.counts,
        told=told,
        noted_at_s=now_s if is_noted else claim.progress.noted_at_s,
    )
    return Result(
        finished=Finished(claim.key, next_s, progress),
        status=judgement.status,
        is_news=is_news,
        said=said if is_other or is_noted else None,
    )
