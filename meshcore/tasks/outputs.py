"""What checks say, kept in Redis beside the log: the last output of each, and a short history.

Workers write it, in batches; every server hears it at once, and reads all of it when it starts or
has been deaf for a while.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from redis.asyncio import Redis

from meshcore.registry.heartbeats import LONGEST_HISTORY, LONGEST_NOTED, Heartbeats, Noted
from meshcore.registry.types import CheckKey, Status
from meshcore.tasks.due import key_of, member_of, text

OUTPUTS = "tulle:checks:outputs"
HISTORY = "tulle:checks:history:"  # and the check
CHANNEL = "tulle:checks:said"
SLICE = 500  # histories read at once

TELL = """
for i = 3, #ARGV, 3 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] ~= '' then
    local history = KEYS[3] .. ARGV[i]
    redis.call('RPUSH', history, ARGV[i + 2])
    redis.call('LTRIM', history, -ARGV[2], -1)
  end
end
redis.call('PUBLISH', KEYS[2], ARGV[1])
"""
READ = """
local found = {}
for i = 1, #ARGV do
  found[i] = redis.call('LRANGE', KEYS[1] .. ARGV[i], 0, -1)
end
return found
"""


class Said(msgspec.Struct, frozen=True, array_like=True):
    key: CheckKey
    status: Status
    output: str
    at_s: float
    is_noted: bool  # does it belong into the history?

    def noted(self) -> Noted:
        at = datetime.fromtimestamp(self.at_s, UTC)
        return Noted(at, self.status, self.output[:LONGEST_NOTED])


async def tell(redis: Redis, said: Sequence[Said]) -> None:
    if not said:
        return
    args: list[str | bytes | int] = [msgspec.msgpack.encode(said), LONGEST_HISTORY]
    for one in said:
        noted = msgspec.msgpack.encode(one.noted()) if one.is_noted else b""
        args += (member_of(one.key), one.output, noted)
    await redis.register_script(TELL)(keys=(OUTPUTS, CHANNEL, HISTORY), args=args)


async def load(redis: Redis, heartbeats: Heartbeats) -> None:
    """Take over all that is kept."""
    outputs = await redis.hgetall(OUTPUTS)
    read = redis.register_script(READ)
    members = list(outputs)
    for start in range(0, len(members), SLICE):
        some = members[start : start + SLICE]
        for member, history in zip(some, await read(keys=(HISTORY,), args=some), strict=True):
            key = key_of(member)
            heartbeats.outputs[key] = text(outputs[member])
            found = [msgspec.msgpack.decode(one, type=Noted) for one in history]
            heartbeats.replace_history(key, found)


def take(heartbeats: Heartbeats, message: bytes) -> None:
    """Take over what was said just now."""
    for one in msgspec.msgpack.decode(message, type=list[Said]):
        heartbeats.outputs[one.key] = one.output
        if one.is_noted:
            heartbeats.note(one.key, one.noted())


async def forget(redis: Redis, keys: Iterable[CheckKey]) -> None:
    members = [member_of(key) for key in keys]
    if members:
        await redis.hdel(OUTPUTS, *members)
        await redis.delete(*(HISTORY + member for member in members))
