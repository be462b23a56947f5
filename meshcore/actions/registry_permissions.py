"""What it takes to write into the registry, asked of the mesh that the write runs on.

Clients send a node along with each instance and check that is on it. Only who changes the node
needs a rule for it, so a service's own token registers its instances on nodes that are there.

Whatever is overwritten counts as well: a service's token cannot take another service's instance, or
the check of a node, by registering something of its own under the same id.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.actions.permissions import to_write
from meshcore.actions.registry import with_known_id
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry import sidecar as sidecars
from meshcore.registry.types import NODE_LEVEL, Check, Instance, Node
from meshcore.registry.view import Registry


def to_register(
    mesh: Mesh,
    *,
    node: Node,
    instance: Instance | None = None,
    checks: Sequence[Check] = (),
    keeps_node: bool = False,
) -> Iterator[Rule]:
    registry = mesh.registry
    is_about_node = instance is None and not checks
    if is_about_node or _changes_node(registry, node, keeps_node=keeps_node):
        yield node_write(node.name)
        former = registry.names_by_id.get(node.id) if node.id else None
        if former is not None:
            yield node_write(former)
    if instance is not None:
        yield from _to_place(registry, instance)
    for check in checks:
        yield from _to_place_check(registry, check, instance)


def to_register_service(
    mesh: Mesh,
    *,
    instance: Instance,
    checks: Sequence[Check] = (),
    sidecar: Instance | None = None,
    sidecar_checks: Sequence[Check] = (),
) -> Iterator[Rule]:
    """An instance on the server's own node, with the sidecar that is asked for."""
    registry = mesh.registry
    yield from _to_place(registry, instance)
    for check in checks:
        yield from _to_place_check(registry, check, instance)
    if sidecar is not None:
        proxy = sidecars.expand(registry, instance, sidecar)
        yield from _to_place(registry, proxy)
        for check in sidecar_checks:
            yield from _to_place_check(registry, check, proxy)


def to_register_check(mesh: Mesh, *, check: Check) -> tuple[Rule, ...]:
    return _to_place_check(mesh.registry, check)


def of_owner(
    mesh: Mesh, *, node: str, service_id: str = NODE_LEVEL, check_id: str = ""
) -> tuple[Rule, ...]:
    """To change or take an instance, a check, or without an id the node.

    Nothing for what is not there: an agent's clients count on hearing that it is gone.
    """
    if service_id:
        instance = mesh.registry.instance((node, service_id))
        return (exactly(RuleKind.SERVICE, instance.service, Access.WRITE),) if instance else ()
    if check_id:
        check = mesh.registry.check((node, check_id))
        return to_write(Change(Topic.CHECK, check.key, check, None)) if check else ()
    return (node_write(node),)


def node_write(name: str) -> Rule:
    return exactly(RuleKind.NODE, name, Access.WRITE)


def _changes_node(registry: Registry, node: Node, *, keeps_node: bool) -> bool:
    before = registry.node(node.name)
    return before is None or (not keeps_node and with_known_id(before, node) != before)


def _to_place(registry: Registry, instance: Instance) -> tuple[Rule, ...]:
    before = registry.instance(instance.key)
    return to_write(Change(Topic.INSTANCE, instance.key, before, instance))


def _to_place_check(
    registry: Registry, check: Check, placed: Instance | None = None
) -> tuple[Rule, ...]:
    """One that names an instance that is not there will be refused; until then it is the node's."""
    owner = registry.instance((check.node, check.service_id)) if check.service_id else None
    if placed is not None and check.service_id == placed.id:
        owner = placed
    after = replace(
        check,
        service_id=owner.id if owner else NODE_LEVEL,
        service=owner.service if owner else "",
    )
    return to_write(Change(Topic.CHECK, check.key, registry.check(check.key), after))
