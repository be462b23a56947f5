"""What time alone does: TTL checks expire, silent nodes are critical, and what stays so goes."""

import logging
from functools import partial

from redis.asyncio import Redis

from meshcore.actions.checks import set_check_status
from meshcore.actions.registry import deregister_service
from meshcore.lib.errors import MeshError
from meshcore.registry.checks import TTL_EXPIRED, deregister_after_s
from meshcore.registry.types import Check, CheckKey
from meshcore.store.store import Action, Store
from meshcore.tasks import outputs
from meshcore.tasks.due import key_of, member_of, text
from meshcore.tasks.liveness import act
from meshcore.tasks.node_plans import NODE_PLANS
from meshcore.tasks.outputs import Said
from meshcore.tasks.plans import PLANS, now

ACTOR = "health checks"
SWEPT = "tulle:checks:swept"  # when it was last looked, and not before when it is looked again
AGAIN_S = 5.0  # what could not be done now
# A heartbeat is in Redis half a second after it was heard.
LATE_S = 1.0
# Whoever has not swept for so long was away, or Redis was, and with it what servers had heard.
LONGEST_GAP_S = 5.0
PATIENCE_S = 5.0
MOST_AT_A_TIME = 1000

TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
  redis.call('ZADD', KEYS[1], string.format('%.6f', now + ARGV[2]), member)
end
return due
"""

logger = logging.getLogger(__name__)


def patient_until(*, swept_s: float, patient_s: float, now_s: float) -> float:
    """Until when nothing expires: after a gap, servers first say what they heard meanwhile."""
    return now_s + PATIENCE_S if now_s - swept_s > LONGEST_GAP_S else patient_s


async def sweep(store: Store, redis: Redis) -> None:
    now_s = await now(redis)
    swept, patient = await redis.hmget(SWEPT, ["at", "patient"])
    patient_s = patient_until(swept_s=float(swept or 0), patient_s=float(patient or 0), now_s=now_s)
    await redis.hset(SWEPT, mapping={"at": now_s, "patient": patient_s})
    if now_s < patient_s:
        return
    for key in await _taken(redis, PLANS["expire"], late_s=LATE_S):
        await _expire(store, redis, key)
    for key in await _taken(redis, PLANS["deregister"], late_s=0):
        await _deregister(store, key)
    for plan, name in NODE_PLANS.items():
        for node in await _members(redis, name, late_s=LATE_S):
            await act(store, plan, text(node))


async def _taken(redis: Redis, plan: str, *, late_s: float) -> list[CheckKey]:
    return [key_of(member) for member in await _members(redis, plan, late_s=late_s)]


async def _members(redis: Redis, plan: str, *, late_s: float) -> list[bytes]:
    take = redis.register_script(TAKE)
    found: list[bytes] = await take(keys=(plan,), args=(late_s, AGAIN_S, MOST_AT_A_TIME))
    return found


async def _expire(store: Store, redis: Redis, key: CheckKey) -> None:
    check = store.mesh.registry.check(key)
    if check is None or not check.definition.ttl_s:
        return
    if check.status != "critical":
        action: Action = partial(
            set_check_status, node=key[0], check_id=key[1], status="critical", output=TTL_EXPIRED
        )
        await _written(store, action, check, reason=f"{check.name} has not been heard of")
        said = Said(key, "critical", TTL_EXPIRED, await now(redis), is_noted=True)
        await outputs.tell(redis, [said])
    # Only forward: a heartbeat that came meanwhile has set a later time.
    later_s = await now(redis) + check.definition.ttl_s
    await redis.zadd(PLANS["expire"], {member_of(key): later_s}, gt=True, xx=True)


async def _deregister(store: Store, key: CheckKey) -> None:
    check = store.mesh.registry.check(key)
    if check is None or check.status != "critical" or not deregister_after_s(check.definition):
        return
    action: Action = partial(deregister_service, node=check.node, service_id=check.service_id)
    reason = f'check "{check.name}" has been critical for too long'
    logger.warning("deregistering %s: %s", check.service_id, reason)
    await _written(store, action, check, reason=reason)


async def _written(store: Store, action: Action, check: Check, *, reason: str) -> None:
    try:
        await store.write(action, actor=ACTOR, reason=reason)
    except MeshError as error:  # it stays in the plan
        logger.warning("check %s: %s", check.id, error)
