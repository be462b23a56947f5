"""The plans in Redis: kept in step with the mesh by every worker, and as a whole now and then."""

from collections.abc import Iterable, Mapping
from typing import Any

from redis.asyncio import Redis

from meshcore.mesh.types import Topic
from meshcore.registry.types import CheckKey
from meshcore.registry.view import Registry
from meshcore.store.log import Entry
from meshcore.tasks import outputs
from meshcore.tasks.due import LEASE_S, MARKS, PROBES, PROGRESS, key_of, member_of
from meshcore.tasks.planning import Corrections, Plan, Times, corrections, first_time, plans_of

PLANS: Mapping[Plan, str] = {
    "probe": PROBES,
    "expire": "tulle:checks:ttl",
    "deregister": "tulle:checks:critical",
}
SLACK_S = 2 * LEASE_S


async def reconcile(redis: Redis, registry: Registry) -> None:
    """Bring all plans in step, whatever has happened to them or to Redis."""
    now_s = await now(redis)
    times: dict[Plan, Times] = {}
    for plan, name in PLANS.items():
        times[plan] = await times_of(redis, name)
    wanted = corrections(registry, times, now_s=now_s, slack_s=SLACK_S)
    for plan, correction in wanted.items():
        await _correct(redis, plan, correction)
    kept = [key_of(member) for member in await redis.hkeys(outputs.OUTPUTS)]
    await outputs.forget(redis, [key for key in kept if key not in registry.checks])


async def follow(redis: Redis, registry: Registry, keys: Iterable[CheckKey]) -> None:
    """Bring these checks in step, which have changed just now."""
    now_s = await now(redis)
    put: dict[Plan, dict[CheckKey, float]] = {plan: {} for plan in PLANS}
    gone: dict[Plan, list[CheckKey]] = {plan: [] for plan in PLANS}
    keys = list(keys)
    is_few = len(keys) <= 200
    for key in keys:
        check = registry.check(key)
        plans = set(plans_of(registry, check)) if check else set()
        for plan in PLANS:
            if check is None or plan not in plans:
                gone[plan].append(key)
            else:
                put[plan][key] = first_time(plan, check, now_s=now_s, is_one_of_few=is_few)
    for plan in PLANS:
        await _correct(redis, plan, Corrections(put[plan], tuple(gone[plan])), only_new=True)
    await outputs.forget(redis, [key for key in keys if registry.check(key) is None])


async def _correct(
    redis: Redis, plan: Plan, correction: Corrections, *, only_new: bool = False
) -> None:
    name = PLANS[plan]
    if correction.put:
        times = {member_of(key): at for key, at in correction.put.items()}
        await redis.zadd(name, times, nx=only_new)
    if correction.gone:
        members = [member_of(key) for key in correction.gone]
        await redis.zrem(name, *members)
        if plan == "probe":
            await redis.hdel(MARKS, *members)
            await redis.hdel(PROGRESS, *members)


async def times_of(redis: Redis, name: str) -> dict[CheckKey, float]:
    rows: Any = await redis.zrange(name, 0, -1, withscores=True)  # its type knows no scores
    return {key_of(member): at for member, at in rows}


async def now(redis: Redis) -> float:
    seconds, microseconds = await redis.time()
    return float(seconds) + microseconds / 1_000_000


def checks_changed(entries: Iterable[Entry], *, after: int) -> set[CheckKey] | None:
    """The checks of entries that are newest first; None when some of them are not there."""
    found: set[CheckKey] = set()
    expected: int | None = None
    for entry in entries:
        if entry.index <= after:
            return found
        expected = entry.index - 1
        for change in entry.changes:
            if change.topic is Topic.CHECK:
                found.add((change.key[0], change.key[1]))
            elif change.topic is Topic.NODE:
                return None  # whether it has an agent concerns all that is on it
    return found if expected in (None, after) else None
