"""From one mesh to the next."""

from collections.abc import Iterable
from typing import Any

import msgspec

from meshcore.lib.records import Record
from meshcore.mesh.types import Change, Key, Mesh, Topic, Value, WatchKey
from meshcore.mesh.watch import touched_by


def apply(mesh: Mesh, changes: Iterable[Change], *, index: int) -> Mesh:
    """Return the mesh after the changes of one log entry; `index` is that entry's number."""
    return advance(mesh, changes, index=index)[0]


def advance(
    mesh: Mesh, changes: Iterable[Change], *, index: int
) -> tuple[Mesh, frozenset[WatchKey]]:
    """Return the next mesh with the watch keys that these changes touch."""
    touched: set[WatchKey] = set()
    for change in changes:
        mesh = _placed(mesh, change, index)
        touched.update(touched_by(mesh.registry, change))
    at = mesh.touched.update(dict.fromkeys(touched, index))
    return msgspec.structs.replace(mesh, index=index, touched=at), frozenset(touched)


def restored(mesh: Mesh, topic: Topic, key: Key, record: Record[Any]) -> Mesh:
    """Put a value back with the indexes it had, as a checkpoint kept them."""
    return _put(mesh, topic, key, record)


def record_of(mesh: Mesh, topic: Topic, key: Key) -> Record[Any] | None:
    """The value that a change's topic and key stand for, as it is in this mesh."""
    match topic, key:
        case Topic.NODE, (name,):
            return mesh.registry.nodes.get(name)
        case Topic.INSTANCE, (node, service_id):
            return mesh.registry.instances.get((node, service_id))
        case Topic.CHECK, (node, check_id):
            return mesh.registry.checks.get((node, check_id))
        case Topic.CONFIG_ENTRY, (kind, name):
            return mesh.config_entries.entries.get((kind, name))
        case Topic.INTENTIONS, (destination,):
            return mesh.intentions.by_destination.get(destination)
        case Topic.TRUST, ():
            return mesh.certificates.trust
        case Topic.ROOT, (root_id,):
            return mesh.certificates.roots.get(root_id)
        case Topic.LEAF, (leaf_key,):
            return mesh.certificates.leaves.get(leaf_key)
    raise AssertionError(f"no value is kept under {topic} {key}")


def _placed(mesh: Mesh, change: Change, index: int) -> Mesh:
    before = record_of(mesh, change.topic, change.key)
    if change.after is None:
        return _put(mesh, change.topic, change.key, None) if before else mesh
    record: Record[Value] = Record(
        value=change.after,
        create_index=before.create_index if before else index,
        modify_index=index,
    )
    return _put(mesh, change.topic, change.key, record)


def _put(mesh: Mesh, topic: Topic, key: Key, record: Record[Any] | None) -> Mesh:
    match topic, key:
        case Topic.NODE, (name,):
            return msgspec.structs.replace(mesh, registry=mesh.registry.with_node(name, record))
        case Topic.INSTANCE, (node, service_id):
            registry = mesh.registry.with_instance((node, service_id), record)
            return msgspec.structs.replace(mesh, registry=registry)
        case Topic.CHECK, (node, check_id):
            registry = mesh.registry.with_check((node, check_id), record)
            return msgspec.structs.replace(mesh, registry=registry)
        case Topic.CONFIG_ENTRY, (kind, name):
            entries = mesh.config_entries.with_entry((kind, name), record)
            return msgspec.structs.replace(mesh, config_entries=entries)
        case Topic.INTENTIONS, (destination,):
            intentions = mesh.intentions.with_entry(destination, record)
            return msgspec.structs.replace(mesh, intentions=intentions)
        case Topic.TRUST, ():
            trust = mesh.certificates.with_trust(record)
            return msgspec.structs.replace(mesh, certificates=trust)
        case Topic.ROOT, (root_id,):
            roots = mesh.certificates.with_root(root_id, record)
            return msgspec.structs.replace(mesh, certificates=roots)
        case Topic.LEAF, (leaf_key,):
            leaves = mesh.certificates.with_leaf(leaf_key, record)
            return msgspec.structs.replace(mesh, certificates=leaves)
    raise AssertionError(f"no value is kept under {topic} {key}")
