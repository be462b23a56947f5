"""The plans about nodes in Redis: who has to give a sign of life until when, and who goes."""

from collections.abc import Iterable, Mapping
from typing import Any

from redis.asyncio import Redis

from meshcore.registry import liveness
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.view import Registry
from meshcore.tasks.due import text
from meshcore.tasks.liveness import Connected, NodePlan, streaming, wanted
from meshcore.tasks.plans import now

NODE_PLANS: Mapping[NodePlan, str] = {
    "silent": "tulle:nodes:silent",
    "ghost": "tulle:nodes:unreachable",
}


async def reconcile(redis: Redis, registry: Registry, *, reconnect_s: float) -> None:
    """Hold the plans against the mesh; times that stand there stay."""
    now_s = await now(redis)
    for plan, patience in wanted(registry, reconnect_s=reconnect_s).items():
        name = NODE_PLANS[plan]
        members: Any = await redis.zrange(name, 0, -1)
        gone = [node for node in map(text, members) if node not in patience]
        if gone:
            await redis.zrem(name, *gone)
        if patience:
            times = {node: now_s + wait_s for node, wait_s in patience.items()}
            await redis.zadd(name, times, nx=True)


async def say_alive(redis: Redis, heartbeats: Heartbeats, *, offset_s: float) -> None:
    """Tell Redis of the heartbeats since the last time; `offset_s` leads to its clock."""
    nodes = tuple(heartbeats.unshared_nodes)
    if nodes:
        heard = {
            node: heartbeats.nodes[node] + offset_s + liveness.MISSED_AFTER_S for node in nodes
        }
        await redis.zadd(NODE_PLANS["silent"], heard, gt=True)
        heartbeats.unshared_nodes.difference_update(nodes)


async def say_streaming(redis: Redis, registry: Registry, connected: Connected) -> Iterable[str]:
    """Tell Redis which nodes without an agent have a sidecar that is connected here."""
    nodes = set(streaming(registry, connected))
    if nodes:
        until_s = await now(redis) + liveness.NO_STREAM_AFTER_S
        times = dict.fromkeys(nodes, until_s)
        await redis.zadd(NODE_PLANS["silent"], times, gt=True)
    return nodes
