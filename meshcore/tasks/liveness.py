"""What follows when a node gives no sign of life, and when it stays so."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Literal

from meshcore.actions.liveness import set_liveness
from meshcore.actions.registry import deregister_node
from meshcore.lib.errors import MeshError
from meshcore.registry import liveness
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import InstanceKey
from meshcore.registry.view import Registry
from meshcore.store.store import Action, Store

ACTOR = "node liveness"
PAUSE_S = 1.0

NodePlan = Literal["silent", "ghost"]
Connected = Callable[[], Iterable[InstanceKey]]  # the proxies with a stream to this server

logger = logging.getLogger(__name__)


def wanted(registry: Registry, *, reconnect_s: float) -> dict[NodePlan, Mapping[str, float]]:
    """Which nodes stand in which plan, and how long one is patient with them."""
    return {
        "silent": liveness.judged(registry),
        "ghost": liveness.unreachable(registry, for_s=reconnect_s),
    }


def streaming(registry: Registry, connected: Connected) -> Iterator[str]:
    """The nodes without an agent that a sidecar's stream shows to be alive."""
    for node in {key[0] for key in connected()}:
        if not liveness.has_agent(registry.node(node)):
            yield node


async def revive(store: Store, nodes: Iterable[str]) -> None:
    """Say of those whose sidecars are connected again that they live."""
    for node in nodes:
        if liveness.is_critical(store.mesh.registry, node):
            action: Action = partial(
                set_liveness, node=node, status="passing", output=liveness.CONNECTED
            )
            await _written(store, action, reason=f"a sidecar of {node} is connected again")


async def act(store: Store, plan: NodePlan, node: str) -> None:
    """Do what is due for a node; fresh state decides whether it still is."""
    registry = store.mesh.registry
    if plan == "silent" and node in liveness.judged(registry):
        has_agent = liveness.has_agent(registry.node(node))
        output = liveness.NO_HEARTBEAT if has_agent else liveness.NO_STREAM
        action: Action = partial(set_liveness, node=node, status="critical", output=output)
        await _written(store, action, reason=f"{node} gives no sign of life")
    elif plan == "ghost" and liveness.is_critical(registry, node):
        logger.warning("deregistering %s, which has been unreachable for too long", node)
        gone: Action = partial(deregister_node, name=node)
        await _written(store, gone, reason=f"{node} has been unreachable for too long")


async def watch_nodes(
    store: Store, heartbeats: Heartbeats, connected: Connected, *, reconnect_s: float
) -> None:
    """Judge nodes in the server itself, where there is no Redis; run until cancelled."""
    deadlines: dict[NodePlan, dict[str, float]] = {"silent": {}, "ghost": {}}
    while True:
        try:
            await _judged_once(
                store, heartbeats, connected, deadlines=deadlines, reconnect_s=reconnect_s
            )
        except Exception:  # the outermost loop: it must not end with one failure
            logger.exception("nodes are not judged")
        await asyncio.sleep(PAUSE_S)


async def _judged_once(
    store: Store,
    heartbeats: Heartbeats,
    connected: Connected,
    *,
    deadlines: dict[NodePlan, dict[str, float]],
    reconnect_s: float,
) -> None:
    now_s, registry = time.monotonic(), store.mesh.registry
    alive = set(streaming(registry, connected))
    await revive(store, alive)
    for plan, patience in wanted(registry, reconnect_s=reconnect_s).items():
        times = deadlines[plan] = {
            node: deadlines[plan].get(node, now_s + wait_s) for node, wait_s in patience.items()
        }
        if plan == "silent":
            for node, wait_s in patience.items():
                heard_s = now_s if node in alive else heartbeats.nodes.get(node, 0.0)
                times[node] = max(times[node], heard_s + wait_s)
        for node, at_s in times.items():
            if at_s <= now_s:
                await act(store, plan, node)


async def _written(store: Store, action: Action, *, reason: str) -> None:
    try:
        await store.write(action, actor=ACTOR, reason=reason)
    except MeshError as error:  # it stays in the plan
        logger.warning("%s: %s", reason, error)
