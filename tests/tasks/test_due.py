"""Who may run a check: claims of several workers in one Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis

from meshcore.checking.deciding import Counts
from meshcore.registry.types import CheckKey
from meshcore.tasks.connecting import connected
from meshcore.tasks.due import PROBES, Claim, Due, Finished, Progress, member_of
from meshcore.tasks.plans import now

WEB, API = ("node-1", "web"), ("node-1", "api")
Found = TypeVar("Found")


def with_redis(url: str, scenario: Callable[[Redis], Awaitable[Found]]) -> Found:
    async def run() -> Found:
        redis = connected(url)
        try:
            return await scenario(redis)
        finally:
            await redis.aclose()

    return asyncio.run(run())


async def plan(redis: Redis, **in_s: float) -> float:
    at = await now(redis)
    await redis.zadd(PROBES, {member_of(("node-1", name)): at + s for name, s in in_s.items()})
    return at


def test_a_check_that_is_due_is_claimed_once(redis_url: str) -> None:
    async def scenario(redis: Redis) -> list[list[CheckKey]]:
        at = await plan(redis, web=-1, api=0.5, db=60)
        one, other = Due(redis, mark="one"), Due(redis, mark="other")
        first = await one.claim(ahead_s=1, most=1)
        second = await other.claim(ahead_s=1, most=10)
        third = await one.claim(ahead_s=1, most=10)
        assert first.now_s >= at
        return [[c.key for c in found.claims] for found in (first, second, third)]

    assert with_redis(redis_url, scenario) == [[WEB], [API], []]


def test_what_a_worker_reports_is_there_for_the_next_one(redis_url: str) -> None:
    async def scenario(redis: Redis) -> tuple[list[bool], object]:
        at = await plan(redis, web=0)
        one, other = Due(redis, mark="one"), Due(redis, mark="other")
        await one.claim(ahead_s=1, most=1)
        progress = Progress(Counts(3, 0), told=7, noted_at_s=at)
        taken = await one.finish([Finished(WEB, at + 0.5, progress)])
        again = await other.claim(ahead_s=1, most=1)
        assert again.claims[0].progress == progress
        return taken, round(again.claims[0].due_s - at, 3)

    assert with_redis(redis_url, scenario) == ([True], 0.5)


def test_a_claim_whose_worker_is_gone_is_taken_over_and_his_late_report_does_nothing(
    redis_url: str,
) -> None:
    async def scenario(redis: Redis) -> tuple[object, list[bool], list[bool]]:
        at = await plan(redis, web=0)
        dead, other = Due(redis, mark="dead", lease_s=0.5), Due(redis, mark="other")
        await dead.claim(ahead_s=0, most=1)
        assert (await other.claim(ahead_s=0, most=1)).claims == []
        taken_over = await other.claim(ahead_s=1, most=1)  # as a second later
        late = await dead.finish([Finished(WEB, at + 10, Progress())])
        in_time = await other.finish([Finished(WEB, at + 10, Progress())])
        return taken_over.claims[0].key, late, in_time

    assert with_redis(redis_url, scenario) == (WEB, [False], [True])


def test_a_slow_probe_keeps_its_claim_as_long_as_its_worker_lives(redis_url: str) -> None:
    async def scenario(redis: Redis) -> list[Claim]:
        await plan(redis, web=0)
        slow, other = Due(redis, mark="slow", lease_s=0.1), Due(redis, mark="other")
        await slow.claim(ahead_s=0, most=1)
        await Due(redis, mark="slow", lease_s=60).prolong([WEB, API])
        return (await other.claim(ahead_s=30, most=1)).claims

    assert with_redis(redis_url, scenario) == []


def test_a_worker_that_stops_gives_back_what_it_has_claimed(redis_url: str) -> None:
    async def scenario(redis: Redis) -> list[CheckKey]:
        await plan(redis, web=0)
        one, other = Due(redis, mark="one"), Due(redis, mark="other")
        await one.claim(ahead_s=1, most=1)
        await one.release([WEB])
        return [claim.key for claim in (await other.claim(ahead_s=0, most=1)).claims]

    assert with_redis(redis_url, scenario) == [WEB]


def test_a_check_that_is_gone_is_not_brought_back_by_its_result(redis_url: str) -> None:
    async def scenario(redis: Redis) -> tuple[list[bool], int]:
        at = await plan(redis, web=0)
        due = Due(redis, mark="one")
        await due.claim(ahead_s=0, most=1)
        await redis.zrem(PROBES, member_of(WEB))
        return await due.finish([Finished(WEB, at + 10, Progress())]), await redis.zcard(PROBES)

    assert with_redis(redis_url, scenario) == ([False], 0)
