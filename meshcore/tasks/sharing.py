"""A server's part in checks that workers run: it says what it heard, and hears the rest.

What it heard while Redis was away stays in memory, and is said when it is back.
"""

import asyncio
import time
from functools import partial
from zlib import crc32

from redis.asyncio import Redis

from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CheckKey
from meshcore.store.store import Store
from meshcore.tasks import outputs
from meshcore.tasks.connecting import connected, forever, is_cancelled
from meshcore.tasks.due import member_of
from meshcore.tasks.liveness import Connected, revive
from meshcore.tasks.node_plans import say_alive, say_streaming
from meshcore.tasks.outputs import Said
from meshcore.tasks.plans import PLANS, now

FLUSH_S = 0.5
STREAMS_S = 5.0
LISTEN_S = 1.0


async def share(
    store: Store, heartbeats: Heartbeats, connected_here: Connected, *, redis_url: str
) -> None:
    """Run until cancelled."""
    redis = connected(redis_url)
    told: dict[CheckKey, int] = {}
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                forever(lambda: _hear(redis, heartbeats), what="hearing what checks say")
            )
            tasks.create_task(
                forever(
                    lambda: _say_later(redis, store, heartbeats, told), what="sharing heartbeats"
                )
            )
            watching = partial(_watch_streams, redis, store, connected_here)
            tasks.create_task(forever(watching, what="sharing which nodes live"))
    finally:
        await redis.aclose()


async def _hear(redis: Redis, heartbeats: Heartbeats) -> None:
    async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(outputs.CHANNEL)
        await outputs.load(redis, heartbeats)
        while not is_cancelled():
            message = await pubsub.get_message(timeout=LISTEN_S)
            if message is not None:
                outputs.take(heartbeats, message["data"])


async def _watch_streams(redis: Redis, store: Store, connected_here: Connected) -> None:
    nodes = await say_streaming(redis, store.mesh.registry, connected_here)
    await revive(store, nodes)
    await asyncio.sleep(STREAMS_S)


async def _say_later(
    redis: Redis, store: Store, heartbeats: Heartbeats, told: dict[CheckKey, int]
) -> None:
    await asyncio.sleep(FLUSH_S)
    await say(redis, store, heartbeats, told)


async def say(
    redis: Redis, store: Store, heartbeats: Heartbeats, told: dict[CheckKey, int]
) -> None:
    """Tell Redis until when each TTL check and node is good that was heard of meanwhile."""
    if not heartbeats.unshared and not heartbeats.unshared_nodes:
        return
    offset_s = await now(redis) - time.monotonic()
    await say_alive(redis, heartbeats, offset_s=offset_s)
    keys = tuple(heartbeats.unshared)
    registry = store.mesh.registry
    deadlines: dict[str, float] = {}
    said: list[Said] = []
    for key in keys:
        check = registry.check(key)
        if check is None or not check.definition.ttl_s:
            continue
        heard_s = heartbeats.heard_at_s.get(key, 0.0) + offset_s
        deadlines[member_of(key)] = heard_s + check.definition.ttl_s
        output = heartbeats.outputs.get(key, "")
        if (hashed := crc32(output.encode())) != told.get(key):
            told[key] = hashed
            said.append(Said(key, check.status, output, heard_s, is_noted=True))
    if deadlines:
        await redis.zadd(PLANS["expire"], deadlines, gt=True)
    await outputs.tell(redis, said)
    heartbeats.unshared.difference_update(keys)
