"""What is wanted on a node beside what the catalog has for it: which writes make them the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import NODE_LEVEL, Check, CheckDefinition, Instance, Node
from meshcore.registry.view import Registry


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All there is about one node, as the catalog can tell it."""

    node: Node | None = None
    instances: Mapping[str, Instance] = {}
    checks: Mapping[str, Check] = {}


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """One registration: the node, an instance with checks of it, or checks of the node."""

    node: Node | None = None
    instance: Instance | None = None
    checks: tuple[Check, ...] = ()


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One deregistration; an instance takes its checks with it."""

    service_id: str = ""
    check_id: str = ""


Step = Put | Take


def wanted(registry: Registry, node: str) -> State:
    """Without what the catalog does not keep of an agent's: how it runs its checks."""
    instances = {record.value.id: told(record.value) for record in registry.on_node(node).values()}
    checks = {
        record.value.id: told_check(record.value)
        for key, record in registry.checks.items()
        if key[0] == node
    }
    return State(node=registry.node(node), instances=instances, checks=checks)


def told(instance: Instance) -> Instance:
    return msgspec.structs.replace(instance, sidecar_of="")


def told_check(check: Check) -> Check:
    """How often it is run is told, and not what is run: that may hold a password."""
    definition = check.definition
    shown = CheckDefinition(interval_s=definition.interval_s, timeout_s=definition.timeout_s)
    return msgspec.structs.replace(check, definition=shown)


def steps(wanted: State, found: State) -> Iterator[Step]:
    """The node first, since all else is on it; what goes comes last."""
    if wanted.node != found.node:
        yield Put(node=wanted.node)
    differing: dict[str, list[Check]] = defaultdict(list)
    for check in wanted.checks.values():
        if not is_same(check, found.checks.get(check.id)):
            differing[check.service_id].append(check)
    for service_id, instance in wanted.instances.items():
        known = found.instances.get(service_id)
        own = tuple(differing.pop(service_id, ()))
        if tagged_as(instance, known) != known:
            yield Put(instance=instance, checks=own)
        elif own:
            yield Put(checks=own)
    if of_node := tuple(differing.pop(NODE_LEVEL, ())):
        yield Put(checks=of_node)
    yield from _gone(wanted, found)


def tagged_as(instance: Instance, found: Instance | None) -> Instance:
    """Others may change the tags in the catalog where the definition says so."""
    if found is None or not instance.enable_tag_override:
        return instance
    return msgspec.structs.replace(instance, tags=found.tags)


def is_same(check: Check, found: Check | None) -> bool:
    """What the catalog knows by the service itself is not compared."""
    if found is None:
        return False
    return _compared(check) == _compared(found)


def after(found: State, step: Step) -> State:
    """What the catalog has once it has taken this step."""
    instances, checks = dict(found.instances), dict(found.checks)
    if isinstance(step, Put):
        if step.instance is not None:
            instances[step.instance.id] = step.instance
        checks.update((check.id, check) for check in step.checks)
        node = step.node or found.node
        return State(node=node, instances=instances, checks=checks)
    if step.check_id:
        checks.pop(step.check_id, None)
        return State(node=found.node, instances=instances, checks=checks)
    instances.pop(step.service_id, None)
    left = {key: check for key, check in checks.items() if check.service_id != step.service_id}
    return State(node=found.node, instances=instances, checks=left)


def adopted(registry: Registry, found: State, *, node: str) -> Iterator[Check]:
    """Checks that have not been run yet, with the status that they had in the catalog.

    So an agent that starts again does not take its services out of service for a moment.
    """
    for key, record in registry.checks.items():
        known = found.checks.get(key[1])
        check = record.value
        is_untouched = check.status == "critical" and not check.output
        if key[0] == node and known and is_untouched and known.type == check.type:
            yield msgspec.structs.replace(check, status=known.status, output=known.output)


def _gone(wanted: State, found: State) -> Iterator[Take]:
    """The node's liveness is the servers'."""
    going = found.instances.keys() - wanted.instances.keys()
    for service_id in sorted(going):
        yield Take(service_id=service_id)
    for check_id, check in sorted(found.checks.items()):
        is_kept = check_id in wanted.checks or check_id == SERF_HEALTH
        if not is_kept and check.service_id not in going:
            yield Take(check_id=check_id)


def _compared(check: Check) -> tuple[object, ...]:
    definition = check.definition
    return (
        *(check.id, check.name, check.status, check.notes, check.output),
        *(check.service_id, check.type, definition.interval_s, definition.timeout_s),
    )
