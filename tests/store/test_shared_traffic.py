"""Two servers over a real Redis: each knows the traffic of both."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import pytest
import redis

from meshcore.store import channel, shared_traffic
from meshcore.store.shared_traffic import CHANNEL, ENCODER, Batch, SharedTraffic
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import EdgeTraffic, Pair
from tests.store.postgresql import free_port
from tests.store.redises import running_redis, until_heard_by
from tests.traffic.reports import calls, denied, report


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_traffic, "SEND_S", 0.02)
    monkeypatch.setattr(channel, "RETRY_S", 0.02)


@asynccontextmanager
async def server(url: str) -> AsyncIterator[Traffic]:
    traffic = Traffic()
    running = asyncio.create_task(SharedTraffic(url, traffic).run())
    yield traffic
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def edges(traffic: Traffic, *, after_s: float = 0.0) -> Mapping[Pair, EdgeTraffic]:
    return traffic.edges(now_s=time.time() + after_s)


async def until(is_so: Callable[[], bool]) -> None:
    def look() -> None:
        while not is_so():
            pass

    await asyncio.to_thread(look)


def test_each_server_knows_what_reached_the_other_and_counts_its_own_once() -> None:
    async def scenario() -> None:
        async with server(url) as one, server(url) as other:
            await asyncio.to_thread(until_heard_by, url, CHANNEL, 2)
            one.take(report(calls(10), instance="api-1"), now_s=time.time())
            row = calls(20, destination="db")
            other.take(report(row, service="db", instance="db-1"), now_s=time.time())
            await until(lambda: len(edges(one, after_s=1.0)) == len(edges(other, after_s=1.0)) == 2)
            for traffic in (one, other):
                rates = {pair: round(each.rate or 0) for pair, each in edges(traffic).items()}
                assert rates == {("web", "api"): 10, ("web", "db"): 20}

    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    with running_redis(port):
        asyncio.run(scenario())


def test_a_server_goes_on_without_redis_and_hears_the_others_when_it_is_back() -> None:
    async def scenario() -> None:
        async with server(url) as one, server(url) as other:
            one.take(report(calls(10)), now_s=time.time())
            assert set(edges(one)) == {("web", "api")}
            with running_redis(port):
                await asyncio.to_thread(until_heard_by, url, CHANNEL, 2)
                assert edges(other) == {}

                def heard() -> bool:
                    one.take(report(calls(10)), now_s=time.time())
                    return bool(edges(other, after_s=1.0))

                await until(heard)

    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    asyncio.run(scenario())


def test_what_comes_twice_or_makes_no_sense_changes_nothing() -> None:
    async def scenario() -> None:
        async with server(url) as traffic:
            await asyncio.to_thread(until_heard_by, url, CHANNEL, 1)
            one = ENCODER.encode(Batch("other", 1, (report(denied(10), service="db"),)))
            last = report(calls(1))
            with redis.Redis.from_url(url) as client:
                for message in (b"nonsense", one, one, ENCODER.encode(Batch("other", 2, (last,)))):
                    client.publish(CHANNEL, message)
            await until(lambda: ("web", "api") in edges(traffic, after_s=1.0))
            assert [each.count for each in traffic.denials("db", now_s=time.time())] == [10]

    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    with running_redis(port):
        asyncio.run(scenario())
