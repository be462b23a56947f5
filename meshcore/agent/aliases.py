"""Alias checks of what is on other nodes, which only the servers know."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable

from meshcore.agent import catalog
from meshcore.agent.checks import tell
from meshcore.agent.host import Host
from meshcore.agent.reconcile import State
from meshcore.agent.servers import Servers
from meshcore.lib.errors import MeshError
from meshcore.probes.types import Outcome
from meshcore.registry.health import followed
from meshcore.registry.types import Check, InstanceKey
from meshcore.registry.view import Registry

LOOK_EVERY_S = 5.0

logger = logging.getLogger(__name__)


async def follow_aliases(host: Host, servers: Servers, *, token: str) -> None:
    """Run until it is cancelled; while no server answers, each keeps its status."""
    while True:
        for node, aliases in elsewhere(host.registry, host.node.name).items():
            try:
                found = await catalog.find(servers, node, token=token)
            except MeshError as error:
                logger.debug("aliases of %s are not followed: %s", node, error)
                continue
            for alias in aliases:
                tell(host, alias, state_of(alias, found))
        await asyncio.sleep(LOOK_EVERY_S)


def elsewhere(registry: Registry, node: str) -> dict[str, list[Check]]:
    """The alias checks by the other nodes that they follow."""
    found: dict[str, list[Check]] = defaultdict(list)
    for target, keys in registry.followers.items():
        if target[0] != node:
            checks = (registry.check(key) for key in keys)
            found[target[0]] += [check for check in checks if check is not None]
    return found


def state_of(alias: Check, found: State) -> Outcome:
    target = alias.definition.followed
    assert target is not None
    node, service_id = target
    is_registered = service_id in found.instances if service_id else found.node is not None
    state = followed(
        _concerning(found.checks.values(), target),
        is_registered=is_registered,
        name=service_id or node,
    )
    return Outcome(state.status, state.output)


def _concerning(checks: Iterable[Check], target: InstanceKey) -> list[Check]:
    """The node's and the instance's own, as for one on this node."""
    return [check for check in checks if check.service_id in (target[1], "")]
