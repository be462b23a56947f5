"""A server's part in checks that workers run: it says what it heard, and hears the rest.

What it heard while Redis was away stays in memory, and is said when it is back.
"""

import asyncio
import time
from zlib import crc32

from redis.asyncio import Redis

from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CheckKey
from meshcore.store.store import Store
from meshcore.tasks import outputs
from meshcore.tasks.connecting import connected, forever, is_cancelled
from meshcore.tasks.due import member_of
from meshcore.tasks.outputs import Said
from meshcore.tasks.plans import PLANS, now

FLUSH_S = 0.5
LISTEN_S = 1.0


async def share(store: Store, heartbeats: Heartbeats, *, redis_url: str) -> None:
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


async def _say_later(
    redis: Redis, store: Store, heartbeats: Heartbeats, told: dict[CheckKey, int]
) -> None:
    await asyncio.sleep(FLUSH_S)
    await say(redis, store, heartbeats, told)


async def say(
    redis: Redis, store: Store, heartbeats: Heartbeats, told: dict[CheckKey, int]
) -> None:
    """Tell Redis until when each TTL check is good that was heard of since the last time."""
    if not heartbeats.unshared:
        return
    keys = tuple(heartbeats.unshared)
    registry = store.mesh.registry
    offset_s = await now(redis) - time.monotonic()
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
