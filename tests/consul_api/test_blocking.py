import asyncio
from typing import Any

import pytest
from immutables import Map

from meshcore.consul_api import blocking
from meshcore.consul_api.requests import Request
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import ANYBODY
from tests.consul_api.calling import Client, Consul, Reply

KEY = ("service", "web")
KEYS = (KEY,)


def web(status: str = "passing") -> dict[str, Any]:
    return {
        "Node": "node-2",
        "Address": "10.0.0.2",
        "Service": {"Service": "web", "Port": 80},
        "Check": {"Name": "alive", "Status": status, "ServiceID": "web"},
    }


def mesh(*, index: int, touched: int | None, floor: int = 0) -> Mesh:
    known: Map[WatchKey, int] = Map({KEY: touched} if touched is not None else {})
    return Mesh(index=index, floor=floor, touched=known)


@pytest.mark.parametrize(
    ("asked", "touched", "index", "waits", "shown"),
    [
        pytest.param(0, 5, 9, False, 5, id="no index is answered at once"),
        pytest.param(4, 5, 9, False, 5, id="something is newer"),
        pytest.param(5, 5, 9, True, 5, id="nothing is newer"),
        pytest.param(7, 5, 9, True, 7, id="another server knew a later touch"),
        pytest.param(12, 5, 9, False, 5, id="the client is from another life of the mesh"),
        pytest.param(0, None, 0, False, 1, id="the index is never zero"),
    ],
)
def test_whether_to_wait_and_which_index_to_show(
    *, asked: int, touched: int | None, index: int, waits: bool, shown: int
) -> None:
    now = mesh(index=index, touched=touched)
    assert blocking.must_wait(now, KEYS, asked=asked) == waits
    assert blocking.shown_index(now, KEYS, asked=asked) == shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 300), ("10s", 10), ("1500ms", 1.5), ("5m", 300), ("2h", 600), ("0s", 300), ("-1s", 300)],
)
def test_wait_has_a_default_and_a_cap(text: str, seconds: float) -> None:
    request = Request(caller=ANYBODY, method="GET", route="/v1/x", params={"wait": [text]})
    assert blocking.asked_wait_s(request) == seconds


def test_jitter_adds_up_to_a_sixteenth() -> None:
    assert blocking.with_jitter(16, chance=0) == 16
    assert blocking.with_jitter(16, chance=1) == 17


async def waiting(client: Client, target: str) -> "asyncio.Task[Reply | None]":
    """A query that has come as far as it can without a change."""
    task = asyncio.create_task(client.ask("GET", target))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    return task


def test_query_wakes_for_a_change_that_concerns_it_and_no_other(consul: Consul) -> None:
    async def scenario() -> None:
        client = consul.client()
        await client.ask("PUT", "/v1/catalog/register", web())
        before = await client.ask("GET", "/v1/health/service/web")
        assert before is not None
        task = await waiting(client, f"/v1/health/service/web?index={before.index}")
        other = {"Node": "node-3", "Address": "10.0.0.3", "Service": {"Service": "db"}}
        await client.ask("PUT", "/v1/catalog/register", other)
        await client.ask("PUT", "/v1/catalog/register", web())
        assert not task.done()
        await client.ask("PUT", "/v1/catalog/register", web("critical"))
        after = await task
        assert after is not None
        assert after.index > before.index
        assert after.json[0]["Checks"][0]["Status"] == "critical"

    consul.run(scenario())


def test_time_is_up_with_the_same_answer_and_index(consul: Consul) -> None:
    consul.put("/v1/catalog/register", web())
    before = consul.get("/v1/health/service/web")
    after = consul.get(f"/v1/health/service/web?index={before.index}&wait=10ms")
    assert (after.status, after.index, after.body) == (200, before.index, before.body)


def test_index_of_what_is_not_there_does_not_follow_other_writes(consul: Consul) -> None:
    async def scenario() -> None:
        client = consul.client()
        before = await client.ask("GET", "/v1/config/service-defaults/web")
        assert before is not None
        assert (before.status, before.index) == (404, 1)
        task = await waiting(client, "/v1/config/service-defaults/web?index=1")
        await client.ask("PUT", "/v1/catalog/register", web())
        assert not task.done()
        entry = {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}
        await client.ask("PUT", "/v1/config", entry)
        after = await task
        assert after is not None
        assert (after.status, after.json["Protocol"]) == (200, "http")

    consul.run(scenario())


def test_client_that_hangs_up_is_let_go(consul: Consul) -> None:
    async def scenario() -> None:
        client = consul.client()
        task = await waiting(client, "/v1/catalog/nodes?index=1")
        client.leave()
        assert await task is None

    consul.run(scenario())


def test_service_of_an_agent_waits_for_another_hash(consul: Consul) -> None:
    async def scenario() -> None:
        client = consul.client()
        await client.ask("PUT", "/v1/agent/service/register", {"Name": "web", "Port": 80})
        before = await client.ask("GET", "/v1/agent/service/web")
        assert before is not None
        digest = before.headers["x-consul-contenthash"]
        task = await waiting(client, f"/v1/agent/service/web?hash={digest}")
        await client.ask("PUT", "/v1/agent/service/register", {"Name": "web", "Port": 81})
        after = await task
        assert after is not None
        assert after.json["Port"] == 81
        at_once = await client.ask("GET", f"/v1/agent/service/web?hash={digest}")
        assert at_once == after

    consul.run(scenario())
