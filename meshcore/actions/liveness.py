"""Telling whether a node lives: the check that every node of an agent has."""

from collections.abc import Iterable

from meshcore.actions.checks import following
from meshcore.actions.registry import SERF_HEALTH_NAME
from meshcore.lib.errors import ConflictError, NotFoundError
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import Check, Status


def set_liveness(mesh: Mesh, *, node: str, status: Status, output: str) -> Iterable[Change]:
    """Say nothing twice; a node that is gone meanwhile needs no word."""
    before = mesh.registry.check((node, SERF_HEALTH))
    if mesh.registry.node(node) is None or (before is not None and before.status == status):
        return ()
    check = Check(node=node, id=SERF_HEALTH, name=SERF_HEALTH_NAME, status=status, output=output)
    return following(mesh, [Change(Topic.CHECK, check.key, before, check)])


def require_same_node(mesh: Mesh, *, node: str, node_id: str) -> None:
    """Refuse the heartbeat of a host that calls itself what another one is."""
    known = mesh.registry.node(node)
    if known is None:
        raise NotFoundError(f'node "{node}" is not registered: register it, then send heartbeats')
    if known.id and node_id and known.id != node_id:
        raise ConflictError(f'node "{node}" has the ID {known.id}: give this host another name')
