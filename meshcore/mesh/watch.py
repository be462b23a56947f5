"""Watch keys: what a reader names to be woken by the changes that concern its answer, and no other.

Worked example: a blocking query for the health of `web` watches `service("web")`. A node check
that turns critical on a machine where an instance of `web` runs is a change of that check; it
touches the keys of the node, of every service with an instance on it, and of the destinations that
sidecars on it serve. The query wakes; a query for a service that runs elsewhere sleeps on.
"""

from collections.abc import Iterator

from meshcore.acl.types import Policy, Role, Token
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, WatchKey
from meshcore.registry.types import Check, Instance, Node
from meshcore.registry.view import Instances, Registry

ANYTHING: WatchKey = ("anything", "")  # every entry of the log
NODES: WatchKey = ("nodes", "")
SERVICES: WatchKey = ("services", "")  # the names of services and their tags
INSTANCES: WatchKey = ("instances", "")  # anything about any instance
CHECKS: WatchKey = ("checks", "")
CONFIG_ENTRIES: WatchKey = ("config-entries", "")
ALL_INTENTIONS: WatchKey = ("all-intentions", "")
ROOTS: WatchKey = ("roots", "")
LEAVES: WatchKey = ("leaves", "")
TOKENS: WatchKey = ("tokens", "")
GRANTS: WatchKey = ("grants", "")  # policies and roles: what they say, tokens may do
LOGINS: WatchKey = ("logins", "")  # auth methods and binding rules
PLACES: WatchKey = ("places", "")  # where services stand in the graph
# The values that nobody waits for one by one.
SHARED: dict[type, WatchKey] = {
    Place: PLACES,
    Policy: GRANTS,
    Role: GRANTS,
    Root: ROOTS,
    Trust: ROOTS,
}


def node(name: str) -> WatchKey:
    """The node, its instances and its checks."""
    return ("node", name)


def service(name: str) -> WatchKey:
    """The instances of a service with their nodes and checks."""
    return ("service", name)


def destination(name: str) -> WatchKey:
    """The instances through which the mesh reaches a service, with their nodes and checks."""
    return ("destination", name)


def instance(node_name: str, service_id: str) -> WatchKey:
    """One registration, without its checks."""
    return ("instance", f"{node_name}/{service_id}")


def config_kind(kind: str) -> WatchKey:
    return ("config-kind", kind)


def config_entry(kind: str, name: str) -> WatchKey:
    return ("config-entry", f"{kind}/{name}")


def intentions(to: str) -> WatchKey:
    """The intentions that name this destination, or `*`."""
    return ("intentions", to)


def token(accessor_id: str) -> WatchKey:
    return ("token", accessor_id)


def leaf(key: str) -> WatchKey:
    return ("leaf", key)


def touched_by(registry: Registry, change: Change) -> Iterator[WatchKey]:
    """Yield the keys that a change touches; the registry is the one that the change left."""
    value = change.after if change.after is not None else change.before
    match value:
        case Node():
            yield NODES
            yield node(value.name)
            yield from _everything_on(registry.on_node(value.name))
        case Instance():
            yield from _by_instance(change)
        case Check():
            yield CHECKS
            yield node(value.node)
            yield from _by_check(registry, change)
        case ServiceDefaults() | ProxyDefaults() | OtherEntry():
            yield CONFIG_ENTRIES
            yield config_kind(value.kind)
            yield config_entry(value.kind, value.name)
        case ServiceIntentions():
            yield ALL_INTENTIONS
            yield config_kind("service-intentions")
            yield intentions(value.destination)
        case Leaf():
            yield LEAVES
            yield leaf(change.key[0])
        case Token():
            yield TOKENS
            yield token(value.accessor_id)
        case _:
            yield SHARED.get(type(value), LOGINS)


def _by_instance(change: Change) -> Iterator[WatchKey]:
    before, after = change.before, change.after
    assert before is None or isinstance(before, Instance)
    assert after is None or isinstance(after, Instance)
    if before is None or after is None or _listed(before) != _listed(after):
        yield SERVICES
    yield INSTANCES
    for value in (before, after):
        if value is not None:
            yield node(value.node)
            yield instance(value.node, value.id)
            yield service(value.service)
            if value.mesh_destination:
                yield destination(value.mesh_destination)


def _listed(value: Instance) -> tuple[str, tuple[str, ...]]:
    """What the list of services shows of an instance."""
    return value.service, value.tags


def _by_check(registry: Registry, change: Change) -> Iterator[WatchKey]:
    for value in (change.before, change.after):
        if not isinstance(value, Check):
            continue
        if not value.service_id:
            yield from _everything_on(registry.on_node(value.node))
            continue
        yield service(value.service)
        owner = registry.instance((value.node, value.service_id))
        if owner is not None and owner.mesh_destination:
            yield destination(owner.mesh_destination)


def _everything_on(instances: Instances) -> Iterator[WatchKey]:
    for record in instances.values():
        yield service(record.value.service)
        if record.value.mesh_destination:
            yield destination(record.value.mesh_destination)
