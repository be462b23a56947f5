"""Workers that share the checks of one mesh: a real store, a real Redis and real connections."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from msgspec.structs import replace
from redis import Redis

from meshcore.actions.checks import set_check_status
from meshcore.actions.registry import deregister_service, register_service
from meshcore.probes.policy import Policy
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CheckDefinition, Status
from meshcore.store.store import Store
from meshcore.tasks import outputs, plans, sharing, sweeping
from meshcore.tasks.checking import Checking
from meshcore.tasks.connecting import connected, is_cancelled
from tests.probes.serving import serving
from tests.tasks.test_checks import NODE, WEB, check, until


@asynccontextmanager
async def workers(store: Store, redis_url: str, *, count: int = 1) -> AsyncIterator[list[Checking]]:
    """Workers whose beat is fast."""
    with Redis.from_url(redis_url) as client:  # as if it had been swept a moment ago
        client.hset(sweeping.SWEPT, "at", f"{time.time()}")
    found = [
        Checking(store, redis_url=redis_url, policy=Policy(), reconnect_s=60) for _ in range(count)
    ]
    running = [asyncio.create_task(one.run()) for one in found]
    beating = [asyncio.create_task(beat(one)) for one in found]
    try:
        yield found
    finally:
        for tasks in (beating, running):  # a worker ends its tasks before its loop
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}, ends


async def beat(worker: Checking) -> None:
    while not is_cancelled():
        await worker.probe()
        await worker.sweep()
        await asyncio.sleep(0.05)  # the period of the beat


async def registered(store: Store, *definitions: tuple[str, CheckDefinition]) -> None:
    checks = [replace(check(definition, name), type="") for name, definition in definitions]
    await store.write(
        partial(register_service, node=NODE, instance=WEB, checks=checks), actor="test"
    )


async def seen(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110 - what happens in Redis sets no event
        await asyncio.sleep(0.01)  # between two looks at what another task does


def test_status_goes_through_the_store_and_what_is_said_reaches_servers(
    store: Store, redis_url: str
) -> None:
    answers = iter(["fine", "fine", "better"])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        text = next(answers, "better")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + text.encode())

    async def scenario() -> tuple[Status, str, int, list[Status]]:
        heartbeats, key = Heartbeats(), ("node-1", "web:http")
        async with serving(answer) as port, workers(store, redis_url, count=2):
            listening = asyncio.create_task(
                sharing.share(store, heartbeats, frozenset, redis_url=redis_url)
            )
            url = f"http://127.0.0.1:{port}/"
            await registered(store, ("http", CheckDefinition(http=url, interval_s=1)))
            passing = await until(store, key, "passing")
            index = store.mesh.index

            async def is_better() -> bool:
                return heartbeats.output(key, "").endswith("better")

            await seen(is_better)
            listening.cancel()
            await asyncio.wait([listening])
            late = Heartbeats()
            redis = connected(redis_url)
            await outputs.load(redis, late)
            await redis.aclose()
            noted = [one.status for one in late.history(key)]
            assert late.output(key, "").endswith("better")
            return passing.status, passing.output[-4:], store.mesh.index - index, noted

    assert asyncio.run(scenario()) == ("passing", "fine", 0, ["passing"])


def test_a_ttl_check_expires_when_no_server_has_heard_of_it(store: Store, redis_url: str) -> None:
    async def scenario() -> str:
        async with workers(store, redis_url):
            await registered(store, ("ttl", CheckDefinition(ttl_s=0.1)))
            told = partial(
                set_check_status, node="node-1", check_id="web:ttl", status="passing", output=""
            )
            await store.write(told, actor="test")
            critical = await until(store, ("node-1", "web:ttl"), "critical")
        return critical.output

    assert asyncio.run(scenario()) == "TTL expired"


def test_heartbeats_that_redis_missed_are_said_when_it_is_back(
    store: Store, redis_url: str
) -> None:
    async def scenario() -> bool:
        heartbeats, key = Heartbeats(), ("node-1", "web:ttl")
        await registered(store, ("ttl", CheckDefinition(ttl_s=60)))
        loop = asyncio.get_running_loop()
        heartbeats.hear(key, output="well", now_s=loop.time())
        redis = connected(redis_url)
        await sharing.say(redis, store, heartbeats, {})
        deadlines = await plans.times_of(redis, plans.PLANS["expire"])
        now_s = await plans.now(redis)
        await redis.aclose()
        assert not heartbeats.unshared
        return 50 < deadlines[key] - now_s <= 60

    assert asyncio.run(scenario())


def test_a_slow_check_never_runs_twice_at_once_and_holds_up_no_other(
    store: Store, redis_url: str
) -> None:
    running, most, quick = 0, 0, 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        with contextlib.suppress(OSError):
            await reader.read()  # until the probe gives up
        running -= 1

    async def fast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal quick
        quick += 1
        await reader.read(1000)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    async def scenario() -> None:
        async with (
            serving(slow) as slow_port,
            serving(fast) as fast_port,
            workers(store, redis_url, count=3),
        ):
            late = CheckDefinition(
                http=f"http://127.0.0.1:{slow_port}/", interval_s=1, timeout_s=2.5
            )
            soon = CheckDefinition(http=f"http://127.0.0.1:{fast_port}/", interval_s=1)
            await registered(store, ("slow", late), ("quick", soon))

            async def has_run_thrice() -> bool:
                return quick >= 3

            await seen(has_run_thrice)

    asyncio.run(scenario())
    assert most == 1


def test_a_check_that_is_deregistered_is_out_of_all_plans(store: Store, redis_url: str) -> None:
    async def scenario() -> None:
        redis = connected(redis_url)

        async def all_have(size: int) -> bool:
            return {await redis.zcard(name) for name in plans.PLANS.values()} == {size}

        async with workers(store, redis_url):
            ttl = CheckDefinition(ttl_s=60, deregister_critical_after_s=60)
            tcp = CheckDefinition(tcp="127.0.0.1:1", interval_s=60)
            await registered(store, ("ttl", ttl), ("tcp", tcp))
            await seen(lambda: all_have(1))
            gone = partial(deregister_service, node="node-1", service_id="web")
            await store.write(gone, actor="test")
            await seen(lambda: all_have(0))
        await redis.aclose()

    asyncio.run(scenario())
