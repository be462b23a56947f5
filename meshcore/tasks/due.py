"""What is due, in Redis: who may run it now, and what happens when he never comes back.

Times are those of Redis, so that the clocks of workers and servers do not matter. A check that is
due is claimed: its time moves on by a lease, and the claim's mark is kept beside it. Whoever holds
the mark reports the result and the next time; whoever lost it, because the lease ran out and
another took over, is told so and forgets his result. Until then he prolongs the lease; a worker
that dies prolongs nothing. So nothing is lost, and nothing runs twice at once.

Worked example, with a lease of 15 s and an interval of 10 s:

    due: web at 100.0     A claims at 99.2: due: web at 114.2, mark A
                          A probes at 100.0, reports at 100.1: due: web at 110.0, no mark
    due: web at 110.0     A claims at 109.3 and dies: due: web at 124.3, mark A
                          B claims at 124.5: due: web at 139.5, mark B
                          A, which only slept, reports: not its mark, so nothing changes
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from meshcore.checking.deciding import Counts
from meshcore.registry.types import CheckKey

PROBES = "tulle:checks:due"  # when each probe is due
MARKS = "tulle:checks:marks"  # who has claimed it
PROGRESS = "tulle:checks:progress"  # how it has fared
LEASE_S = 15.0
BETWEEN = "\x1f"  # no name holds it: names are printable

CLAIM = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local lease = string.format('%.6f', now + ARGV[2])
local upto = now + ARGV[1]
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', upto, 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local found = {string.format('%.6f', now)}
for i = 1, #due, 2 do
  redis.call('ZADD', KEYS[1], lease, due[i])
  redis.call('HSET', KEYS[2], due[i], ARGV[3])
  found[#found + 1] = due[i]
  found[#found + 1] = due[i + 1]
  found[#found + 1] = redis.call('HGET', KEYS[3], due[i]) or ''
end
return cmsgpack.pack(found)
"""
PROLONG = """
local now = redis.call('TIME')
local lease = string.format('%.6f', now[1] + now[2] / 1000000 + ARGV[2])
for i = 3, #ARGV do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[1] then
    redis.call('ZADD', KEYS[1], 'XX', lease, ARGV[i])
  end
end
"""
FINISH = """
local taken, finished = {}, cmsgpack.unpack(ARGV[2])
for i = 1, #finished, 3 do
  local member = finished[i]
  taken[#taken + 1] = '0'
  if redis.call('HGET', KEYS[2], member) == ARGV[1] then
    redis.call('HDEL', KEYS[2], member)
    if redis.call('ZADD', KEYS[1], 'XX', 'CH', finished[i + 1], member) == 1 then
      redis.call('HSET', KEYS[3], member, finished[i + 2])
      taken[#taken] = '1'
    end
  end
end
return table.concat(taken)
"""
# Batches go packed: the client parses and writes each value of a command in Python.
KEYS = (PROBES, MARKS, PROGRESS)


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a check's former probes."""

    counts: Counts = Counts()
    told: int = 0  # a hash of what was last kept of its output
    noted_at_s: float = 0.0  # when its history was last added to


class Claim(NamedTuple):
    key: CheckKey
    due_s: float
    progress: Progress


class Claimed(NamedTuple):
    now_s: float  # by Redis' clock
    claims: list[Claim]


class Finished(NamedTuple):
    key: CheckKey
    next_s: float
    progress: Progress


class Due:
    """One worker's view; its mark tells its claims from those of others."""

    def __init__(self, redis: Redis, *, mark: str, lease_s: float = LEASE_S) -> None:
        self._redis = redis
        self._mark = mark
        self._lease_s = lease_s
        self._claim = redis.register_script(CLAIM)
        self._prolong = redis.register_script(PROLONG)
        self._finish = redis.register_script(FINISH)

    async def claim(self, *, ahead_s: float, most: int) -> Claimed:
        """Take what falls due within this time, the most overdue first."""
        args = (ahead_s, self._lease_s, self._mark, most)
        packed = await self._claim(keys=KEYS, args=args)
        now, *rows = msgspec.msgpack.decode(packed, type=list[str])
        members = zip(rows[::3], rows[1::3], rows[2::3], strict=True)
        claims = [Claim(key_of(member), float(at), progress(kept)) for member, at, kept in members]
        return Claimed(float(now), claims)

    async def prolong(self, keys: Sequence[CheckKey]) -> None:
        """Say that these still run."""
        if keys:
            args: list[str | float] = [self._mark, self._lease_s]
            args += map(member_of, keys)
            await self._prolong(keys=KEYS, args=args)

    async def finish(self, finished: Sequence[Finished]) -> list[bool]:
        """Tell of each whether it was still ours; what was not, another has taken over."""
        parts: list[str] = []
        for key, next_s, kept in finished:
            parts += (member_of(key), f"{next_s:.6f}", msgspec.json.encode(kept).decode())
        packed = msgspec.msgpack.encode(parts)
        taken: bytes = await self._finish(keys=KEYS, args=(self._mark, packed))
        return [is_ours == ord("1") for is_ours in taken]

    async def release(self, keys: Sequence[CheckKey]) -> None:
        """Give these back, which are due as soon as somebody takes them."""
        if keys:
            args: list[str | float] = [self._mark, -1.0]
            args += map(member_of, keys)
            await self._prolong(keys=KEYS, args=args)


def progress(kept: str) -> Progress:
    return msgspec.json.decode(kept, type=Progress) if kept else Progress()


def member_of(key: CheckKey) -> str:
    return BETWEEN.join(key)


def key_of(member: bytes | str) -> CheckKey:
    node, _, check_id = text(member).partition(BETWEEN)
    return node, check_id


def text(kept: bytes | str) -> str:
    """What Redis has, as our connections get it, whatever its client's types allow."""
    return kept.decode() if isinstance(kept, bytes) else kept
