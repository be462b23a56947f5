"""Registering checks and telling their status; alias checks follow in the same action."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.checks import RUN_BY_SERVER, check_definition
from meshcore.registry.health import NODE_MAINTENANCE, SERVICE_MAINTENANCE, followed
from meshcore.registry.types import NODE_LEVEL, Check, CheckKey, InstanceKey, Status
from meshcore.registry.validation import check_check
from meshcore.registry.view import Registry

DEFAULT_MAINTENANCE_REASON = (
    "Maintenance mode is enabled for this {what}, but no reason was provided."
    " This is a default message."
)


def register_check(
    mesh: Mesh, check: Check, *, runs: Collection[str] = RUN_BY_SERVER
) -> Iterable[Change]:
    """Register a check on the node at hand; one that is there keeps its status and output."""
    check_check(check)
    check_definition(check.definition, runs=runs)
    owner = mesh.registry.instance((check.node, check.service_id)) if check.service_id else None
    if check.service_id and owner is None:
        raise NotFoundError(f'ServiceID "{check.service_id}" does not exist')
    if owner is not None:
        check = msgspec.structs.replace(check, service=owner.service, service_tags=owner.tags)
    before = mesh.registry.check(check.key)
    if before is not None:
        check = msgspec.structs.replace(check, status=before.status, output=before.output)
    if check == before:
        return ()
    return following(mesh, [Change(Topic.CHECK, check.key, before, check)])


def deregister_check(mesh: Mesh, *, node: str, check_id: str) -> Iterable[Change]:
    """Take the check; an unknown one is gone already."""
    before = mesh.registry.check((node, check_id))
    if before is None:
        return ()
    return following(mesh, [Change(Topic.CHECK, before.key, before, None)])


def set_check_status(
    mesh: Mesh, *, node: str, check_id: str, status: Status, output: str
) -> Iterable[Change]:
    """Tell what a check found; the output counts only when the status changes."""
    before = mesh.registry.check((node, check_id))
    if before is None:
        raise NotFoundError(
            f'Unknown check ID "{check_id}". Ensure that the check ID is passed,'
            " not the check name."
        )
    if before.status == status:
        return ()
    after = msgspec.structs.replace(before, status=status, output=output)
    return following(mesh, [Change(Topic.CHECK, before.key, before, after)])


def set_maintenance(
    mesh: Mesh, *, node: str, service_id: str = NODE_LEVEL, is_enabled: bool, reason: str
) -> Iterable[Change]:
    """Take a node or an instance out of service, or back in, with a critical check."""
    owner = mesh.registry.instance((node, service_id)) if service_id else None
    if service_id and owner is None:
        raise NotFoundError(
            f'Unknown service ID "{service_id}". Ensure that the service ID is passed,'
            " not the service name."
        )
    check_id = f"{SERVICE_MAINTENANCE}{service_id}" if service_id else NODE_MAINTENANCE
    before = mesh.registry.check((node, check_id))
    if (before is not None) == is_enabled:
        return ()
    what = "service" if owner else "node"
    maintenance = Check(
        node=node,
        id=check_id,
        name=f"{what.capitalize()} Maintenance Mode",
        status="critical",
        notes=reason or DEFAULT_MAINTENANCE_REASON.format(what=what),
        service_id=service_id,
        service=owner.service if owner else "",
        service_tags=owner.tags if owner else (),
        type="maintenance",
    )
    after = maintenance if is_enabled else None
    return following(mesh, [Change(Topic.CHECK, maintenance.key, before, after)])


def following(mesh: Mesh, changes: list[Change]) -> list[Change]:
    """Add to the changes those of the alias checks that follow what they change.

    A sidecar's alias check turns critical in the same log entry as its parent's check: nobody sees
    a sidecar that is well in front of a service that is not.
    """
    registry = mesh.registry
    if not registry.followers and not any(_is_alias(change) for change in changes):
        return changes
    placed = {change.key: change for change in changes if change.topic is Topic.CHECK}
    registered = {
        (c.key[0], c.key[1]): c.after is not None for c in changes if c.topic is Topic.INSTANCE
    }
    moved = set(registered) | {_owner(change) for change in placed.values()}
    pending = sorted(_aliases(registry, placed, moved))
    for key in pending:
        before = registry.check(key)
        current = placed[key].after if key in placed else before
        if not isinstance(current, Check) or current.definition.followed is None:
            continue
        after = _as_followed(registry, current, placed, registered)
        placed[key] = Change(Topic.CHECK, key, before, after)
    others = [change for change in changes if change.topic is not Topic.CHECK]
    return others + [change for change in placed.values() if change.before != change.after]


def _is_alias(change: Change) -> bool:
    return isinstance(change.after, Check) and change.after.definition.followed is not None


def _owner(change: Change) -> InstanceKey:
    check = change.after or change.before
    assert isinstance(check, Check)
    return (check.node, check.service_id)


def _aliases(
    registry: Registry, placed: dict[tuple[str, ...], Change], moved: Iterable[InstanceKey]
) -> set[CheckKey]:
    """The alias checks that are new themselves, or that follow something that moved."""
    found = {(key[0], key[1]) for key, change in placed.items() if _is_alias(change)}
    for node, service_id in moved:
        found |= registry.followers.get((node, service_id), frozenset())
        if service_id == NODE_LEVEL:
            for key in registry.on_node(node):
                found |= registry.followers.get(key, frozenset())
    return found


def _as_followed(
    registry: Registry,
    alias: Check,
    placed: dict[tuple[str, ...], Change],
    registered: dict[InstanceKey, bool],
) -> Check:
    target = alias.definition.followed
    assert target is not None
    node, service_id = target
    is_registered = registered.get(target, target in registry.instances) if service_id else True
    checks = [check for check in _checks_after(registry, target, placed) if check.key != alias.key]
    state = followed(checks, is_registered=is_registered, name=service_id or node)
    if state.status == alias.status:
        return alias
    return msgspec.structs.replace(alias, status=state.status, output=state.output)


def _checks_after(
    registry: Registry, target: InstanceKey, placed: dict[tuple[str, ...], Change]
) -> Iterator[Check]:
    node, service_id = target
    for record in registry.checks_concerning(target):
        if record.value.key not in placed:
            yield record.value
    for change in placed.values():
        check = change.after
        if not isinstance(check, Check) or check.node != node:
            continue
        if check.service_id in (service_id, NODE_LEVEL):
            yield check
