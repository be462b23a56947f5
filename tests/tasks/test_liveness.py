"""Nodes that give no sign of life: judged by a server alone, and by workers with Redis."""

import asyncio
import time
from functools import partial

import pytest

from meshcore.actions.liveness import require_same_node
from meshcore.actions.registry import register
from meshcore.lib.errors import ConflictError, NotFoundError
from meshcore.mesh import watch
from meshcore.registry import liveness
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CONNECT_PROXY, Instance, Node, Proxy
from meshcore.store.store import Store
from meshcore.tasks import node_plans, plans, sweeping
from meshcore.tasks.connecting import connected
from meshcore.tasks.liveness import act, revive, watch_nodes

AGENT = Node(name="node-2", address="10.0.0.2", id="11111111-2222-3333-4444-555555555555",
             meta={"tulle-agent": "0.1.0"})  # fmt: skip
AGENTLESS = Node(name="node-3", address="10.0.0.3")
WEB = Instance(node="node-2", id="web", service="web", port=80)
SIDECAR = Instance(
    node="node-3",
    id="api-sidecar-proxy",
    service="api-sidecar-proxy",
    kind=CONNECT_PROXY,
    port=21000,
    proxy=Proxy(destination_service="api"),
)


def prepare(store: Store) -> None:
    for node, instance in ((AGENT, WEB), (AGENTLESS, SIDECAR)):
        store.write_from_thread(partial(register, node=node, instance=instance), actor="test")


def said(store: Store, node: str) -> tuple[str, str] | None:
    check = store.mesh.registry.check((node, "serfHealth"))
    return (check.status, check.output) if check else None


def test_a_silent_node_is_critical_until_it_is_heard_of(store: Store) -> None:
    prepare(store)

    async def scenario() -> list[object]:
        found: list[object] = []
        await act(store, "silent", "node-2")
        await act(store, "silent", "node-3")
        found += [said(store, "node-2"), said(store, "node-3")]
        index = store.mesh.index
        await act(store, "silent", "node-2")
        await revive(store, ["node-3"])
        found += [store.mesh.index - index, said(store, "node-3")]
        return found

    assert asyncio.run(scenario()) == [
        ("critical", liveness.NO_HEARTBEAT),
        ("critical", liveness.NO_STREAM),
        1,
        ("passing", liveness.CONNECTED),
    ]


def test_a_node_that_stays_unreachable_goes_with_all_that_is_on_it_and_the_log_says_why(
    store: Store,
) -> None:
    prepare(store)

    async def scenario() -> None:
        await act(store, "ghost", "node-2")  # which is alive
        assert store.mesh.registry.node("node-2") == AGENT
        await act(store, "silent", "node-2")
        running = asyncio.create_task(
            watch_nodes(store, Heartbeats(), frozenset, reconnect_s=0.001)
        )
        while (mesh := store.mesh).registry.node("node-2"):
            await store.changed((watch.NODES,), after=mesh.index, timeout_s=10)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(scenario())
    assert store.mesh.registry.instance(WEB.key) is None
    entry = store.recent.newest_first()[0]
    assert (entry.actor, entry.reason) == (
        "node liveness",
        "node-2 has been unreachable for too long",
    )


def test_workers_judge_by_what_every_server_has_said(store: Store, redis_url: str) -> None:
    prepare(store)

    async def scenario() -> list[object]:
        redis, heartbeats = connected(redis_url), Heartbeats()
        registry = store.mesh.registry
        await node_plans.reconcile(redis, registry, reconnect_s=60)
        now_s = await plans.now(redis)
        silent = node_plans.NODE_PLANS["silent"]
        await redis.hset(sweeping.SWEPT, "at", f"{now_s}")
        await redis.zadd(silent, {"node-2": now_s - 10, "node-3": now_s - 10})
        heartbeats.hear_of_node("node-2", now_s=time.monotonic())
        await node_plans.say_alive(redis, heartbeats, offset_s=now_s - time.monotonic())
        await sweeping.sweep(store, redis)
        first = [said(store, "node-2"), said(store, "node-3")]
        alive = await node_plans.say_streaming(redis, registry, lambda: [SIDECAR.key])
        await revive(store, alive)
        await redis.aclose()
        return [*first, said(store, "node-3")]

    assert asyncio.run(scenario()) == [
        None,
        ("critical", liveness.NO_STREAM),
        ("passing", liveness.CONNECTED),
    ]


def test_a_host_that_calls_itself_what_another_one_is_is_refused(store: Store) -> None:
    prepare(store)
    mesh = store.mesh
    require_same_node(mesh, node="node-2", node_id=AGENT.id)
    with pytest.raises(ConflictError, match="give this host another name"):
        require_same_node(mesh, node="node-2", node_id=AGENT.id.replace("1", "9"))
    with pytest.raises(NotFoundError, match='node "node-9" is not registered'):
        require_same_node(mesh, node="node-9", node_id="")
