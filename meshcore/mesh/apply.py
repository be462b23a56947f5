"""From one mesh to the next."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from msgspec.structs import replace

from meshcore.lib.records import Record
from meshcore.mesh.types import Change, Key, Mesh, Topic, Value, WatchKey
from meshcore.mesh.watch import ANYTHING, touched_by

AnyRecord = Record[Any] | None


class Location(NamedTuple):
    """Where the values of one topic are in the mesh."""

    look: Callable[[Mesh, Key], AnyRecord]
    put: Callable[[Mesh, Key, AnyRecord], Mesh]


def _registry(look: Callable[..., Any], put: Callable[..., Any]) -> Location:
    return Location(
        lambda mesh, key: look(mesh.registry, key),
        lambda mesh, key, record: replace(mesh, registry=put(mesh.registry, key, record)),
    )


def _certificates(look: Callable[..., Any], put: Callable[..., Any]) -> Location:
    return Location(
        lambda mesh, key: look(mesh.certificates, key),
        lambda mesh, key, record: replace(mesh, certificates=put(mesh.certificates, key, record)),
    )


def _acl(look: Callable[..., Any], put: Callable[..., Any]) -> Location:
    return Location(
        lambda mesh, key: look(mesh.acl, key),
        lambda mesh, key, record: replace(mesh, acl=put(mesh.acl, key, record)),
    )


LOCATIONS = {
    Topic.NODE: _registry(
        lambda registry, key: registry.nodes.get(key[0]),
        lambda registry, key, record: registry.with_node(key[0], record),
    ),
    Topic.INSTANCE: _registry(
        lambda registry, key: registry.instances.get(key),
        lambda registry, key, record: registry.with_instance(key, record),
    ),
    Topic.CHECK: _registry(
        lambda registry, key: registry.checks.get(key),
        lambda registry, key, record: registry.with_check(key, record),
    ),
    Topic.CONFIG_ENTRY: Location(
        lambda mesh, key: mesh.config_entries.entries.get((key[0], key[1])),
        lambda mesh, key, record: replace(
            mesh, config_entries=mesh.config_entries.with_entry((key[0], key[1]), record)
        ),
    ),
    Topic.INTENTIONS: Location(
        lambda mesh, key: mesh.intentions.by_destination.get(key[0]),
        lambda mesh, key, record: replace(
            mesh, intentions=mesh.intentions.with_entry(key[0], record)
        ),
    ),
    Topic.TRUST: _certificates(
        lambda certificates, _key: certificates.trust,
        lambda certificates, _key, record: certificates.with_trust(record),
    ),
    Topic.ROOT: _certificates(
        lambda certificates, key: certificates.roots.get(key[0]),
        lambda certificates, key, record: certificates.with_root(key[0], record),
    ),
    Topic.LEAF: _certificates(
        lambda certificates, key: certificates.leaves.get(key[0]),
        lambda certificates, key, record: certificates.with_leaf(key[0], record),
    ),
    Topic.TOKEN: _acl(
        lambda acl, key: acl.tokens.get(key[0]),
        lambda acl, key, record: acl.with_token(key[0], record),
    ),
    Topic.POLICY: _acl(
        lambda acl, key: acl.policies.get(key[0]),
        lambda acl, key, record: acl.with_policy(key[0], record),
    ),
    Topic.ROLE: _acl(
        lambda acl, key: acl.roles.get(key[0]),
        lambda acl, key, record: acl.with_role(key[0], record),
    ),
    Topic.AUTH_METHOD: _acl(
        lambda acl, key: acl.auth_methods.get(key[0]),
        lambda acl, key, record: acl.with_auth_method(key[0], record),
    ),
    Topic.BINDING_RULE: _acl(
        lambda acl, key: acl.binding_rules.get(key[0]),
        lambda acl, key, record: acl.with_binding_rule(key[0], record),
    ),
    Topic.BOOTSTRAP: _acl(
        lambda acl, _key: acl.bootstrap,
        lambda acl, _key, record: acl.with_bootstrap(record),
    ),
    Topic.PLACE: Location(
        lambda mesh, key: mesh.places.by_service.get(key[0]),
        lambda mesh, key, record: replace(mesh, places=mesh.places.with_place(key[0], record)),
    ),
}


def apply(mesh: Mesh, changes: Iterable[Change], *, index: int) -> Mesh:
    """Return the mesh after the changes of one log entry; `index` is that entry's number."""
    mesh, touched = placed(mesh, changes, index=index)
    return marked(mesh, dict.fromkeys(touched, index))


def placed(mesh: Mesh, changes: Iterable[Change], *, index: int) -> tuple[Mesh, set[WatchKey]]:
    """Return the next mesh, and the watch keys that are still to be marked as touched in it.

    Whoever applies many entries marks once: most of them touch the same few keys.
    """
    touched: set[WatchKey] = {ANYTHING}
    for change in changes:
        mesh = put(mesh, change.topic, change.key, change.after, index=index)
        touched.update(touched_by(mesh.registry, change))
    return replace(mesh, index=index), touched


def put(mesh: Mesh, topic: Topic, key: Key, value: Value | None, *, index: int) -> Mesh:
    """Place one value, or take it away; the mesh keeps its own index."""
    location = LOCATIONS[topic]
    before = location.look(mesh, key)
    if value is None:
        return location.put(mesh, key, None) if before else mesh
    created = before.create_index if before else index
    record: Record[Value] = Record(value=value, create_index=created, modify_index=index)
    return location.put(mesh, key, record)


def marked(mesh: Mesh, touched: dict[WatchKey, int]) -> Mesh:
    return replace(mesh, touched=mesh.touched.update(touched))


def restored(mesh: Mesh, topic: Topic, key: Key, record: Record[Any]) -> Mesh:
    """Put a value back with the indexes it had, as a checkpoint kept them."""
    return LOCATIONS[topic].put(mesh, key, record)


def record_of(mesh: Mesh, topic: Topic, key: Key) -> AnyRecord:
    """The value that a change's topic and key stand for, as it is in this mesh."""
    return LOCATIONS[topic].look(mesh, key)
