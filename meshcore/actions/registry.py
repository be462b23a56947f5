"""Registering and deregistering nodes, instances and their checks."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from meshcore.actions.checks import following
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry import sidecar as sidecars
from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import Check, Instance, Node
from meshcore.registry.validation import check_check, check_instance, check_node
from meshcore.registry.view import Registry

SERF_HEALTH_NAME = "Serf Health Status"
SERF_HEALTH_OUTPUT = "Agent alive and reachable"


def register_node(mesh: Mesh, node: Node) -> Iterator[Change]:
    """Create or update the node; under a new name with a known id it replaces the old one."""
    registry = mesh.registry
    record = registry.nodes.get(node.name)
    before = record.value if record else None
    if before is not None:
        node = with_known_id(before, node)
    if before == node:
        return
    check_node(node)
    if before is not None and before.id != node.id and before.id and _is_alive(registry, node.name):
        raise InvalidError(
            f'node name "{node.name}" is reserved by node {before.id}, which is alive'
        )
    former = registry.names_by_id.get(node.id, node.name) if node.id else node.name
    if former != node.name:
        if _is_alive(registry, former):
            raise InvalidError(
                f'node ID "{node.id}" is already in use by the node "{former}", which is alive'
            )
        yield from deregister_node(mesh, former)
    yield Change(Topic.NODE, (node.name,), before, node)


def with_known_id(before: Node, node: Node) -> Node:
    """A registration that gives no id leaves the one that is known."""
    return msgspec.structs.replace(node, id=before.id) if before.id and not node.id else node


def announce(mesh: Mesh, node: Node) -> Iterator[Change]:
    """Register a server's own node, with the check that says that it lives."""
    yield from register_node(mesh, node)
    yield from _placed_check(
        mesh.registry,
        Check(
            node=node.name,
            id=SERF_HEALTH,
            name=SERF_HEALTH_NAME,
            status="passing",
            output=SERF_HEALTH_OUTPUT,
        ),
    )


def register(
    mesh: Mesh,
    *,
    node: Node,
    instance: Instance | None = None,
    checks: Sequence[Check] = (),
    keeps_node: bool = False,
) -> Iterable[Change]:
    """Put a node, one instance on it and checks, each as given, into the catalog."""
    registry = mesh.registry
    changes: list[Change] = []
    if not keeps_node or node.name not in registry.nodes:
        changes += register_node(mesh, node)
    if instance is not None:
        check_instance(instance)
        changes += _placed_instance(registry, instance)
        changes += _renamed_checks(registry, instance, but={check.id for check in checks})
    for check in checks:
        check_check(check)
        owner = instance if instance and check.service_id == instance.id else None
        changes += _placed_check(registry, _owned(registry, check, owner))
    return following(mesh, changes)


def register_service(
    mesh: Mesh,
    *,
    node: Node,
    instance: Instance,
    checks: Sequence[Check] = (),
    sidecar: Instance | None = None,
    sidecar_checks: Sequence[Check] = (),
    replaces_checks: bool = False,
) -> Iterable[Change]:
    """Register an instance on the server's own node as an agent does, with the sidecar asked for.

    Checks that are there already keep their status and output. A sidecar that is no longer asked
    for goes.
    """
    registry = mesh.registry
    changes: list[Change] = []
    if node.name not in registry.nodes:
        changes += announce(mesh, node)
    own = [_belonging(check, instance) for check in checks]
    changes += _placed_with_checks(registry, instance, own, replaces_checks=replaces_checks)
    sidecar_key = (node.name, sidecars.sidecar_id(instance.id))
    if sidecar is not None:
        proxy = sidecars.expand(registry, instance, sidecar)
        wanted = sidecar_checks or tuple(sidecars.default_checks(proxy))
        wanted = [_belonging(check, proxy) for check in wanted]
        changes += _placed_with_checks(registry, proxy, wanted, replaces_checks=replaces_checks)
    elif (old := registry.instance(sidecar_key)) is not None and old.sidecar_of == instance.id:
        changes += _without_instance(registry, old)
    return following(mesh, changes)


def deregister_node(mesh: Mesh, name: str) -> Iterator[Change]:
    """Take the node with everything on it; an unknown one is gone already."""
    registry = mesh.registry
    node = registry.node(name)
    if node is None:
        return
    for check in registry.checks_of_node(name).values():
        yield Change(Topic.CHECK, check.value.key, check.value, None)
    for record in registry.on_node(name).values():
        yield from _without_instance(registry, record.value)
    yield Change(Topic.NODE, (name,), node, None)


def deregister_service(mesh: Mesh, *, node: str, service_id: str) -> Iterable[Change]:
    """Take an instance, its checks and its sidecar; an unknown one is gone already."""
    registry = mesh.registry
    instance = registry.instance((node, service_id))
    if instance is None:
        return ()
    changes = list(_without_instance(registry, instance))
    sidecar = registry.instance((node, sidecars.sidecar_id(service_id)))
    if sidecar is not None and sidecar.sidecar_of == service_id:
        changes += _without_instance(registry, sidecar)
    return following(mesh, changes)


def deregister_own_service(mesh: Mesh, *, node: str, service_id: str) -> Iterable[Change]:
    """As an agent does it: what is unknown is refused."""
    if mesh.registry.instance((node, service_id)) is None:
        raise NotFoundError(
            f'Unknown service ID "{service_id}". Ensure that the service ID is passed,'
            " not the service name."
        )
    return deregister_service(mesh, node=node, service_id=service_id)


def _is_alive(registry: Registry, node: str) -> bool:
    check = registry.check((node, SERF_HEALTH))
    return check is not None and check.status == "passing"


def _placed_instance(registry: Registry, instance: Instance) -> Iterator[Change]:
    record = registry.instances.get(instance.key)
    before = record.value if record else None
    if before != instance:
        yield Change(Topic.INSTANCE, instance.key, before, instance)


def _placed_check(registry: Registry, check: Check) -> Iterator[Change]:
    record = registry.checks.get(check.key)
    before = record.value if record else None
    if before != check:
        yield Change(Topic.CHECK, check.key, before, check)


def _placed_with_checks(
    registry: Registry, instance: Instance, checks: Iterable[Check], *, replaces_checks: bool
) -> Iterator[Change]:
    check_instance(instance)
    yield from _placed_instance(registry, instance)
    wanted = {check.id: check for check in checks}
    for check in wanted.values():
        check_check(check)
        before = registry.check(check.key)
        if before is not None:
            check = msgspec.structs.replace(check, status=before.status, output=before.output)
        yield from _placed_check(registry, check)
    if not replaces_checks:
        yield from _renamed_checks(registry, instance, but=wanted.keys())
        return
    for check_id, record in registry.checks_of(instance.key).items():
        if check_id not in wanted:
            yield Change(Topic.CHECK, record.value.key, record.value, None)


def _renamed_checks(
    registry: Registry, instance: Instance, *, but: Collection[str]
) -> Iterator[Change]:
    """Let checks that stay carry the name that the instance has now: who waits for it is woken."""
    for check_id, record in registry.checks_of(instance.key).items():
        if check_id not in but:
            yield from _placed_check(registry, _belonging(record.value, instance))


def _without_instance(registry: Registry, instance: Instance) -> Iterator[Change]:
    for record in registry.checks_of(instance.key).values():
        yield Change(Topic.CHECK, record.value.key, record.value, None)
    yield Change(Topic.INSTANCE, instance.key, instance, None)


def _belonging(check: Check, instance: Instance) -> Check:
    return msgspec.structs.replace(
        check,
        node=instance.node,
        service_id=instance.id,
        service=instance.service,
        service_tags=instance.tags,
    )


def _owned(registry: Registry, check: Check, owner: Instance | None) -> Check:
    """Give the check the name and tags of the instance that it names."""
    if not check.service_id:
        return check
    owner = owner or registry.instance((check.node, check.service_id))
    if owner is None:
        raise InvalidError(f'Unknown service ID "{check.service_id}" for check ID "{check.id}"')
    return _belonging(check, owner)
