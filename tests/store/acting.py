"""Small actions for the tests of the store, and what they leave in a mesh."""

from collections.abc import Callable, Iterator

from meshcore.lib.errors import ConflictError
from meshcore.mesh import watch
from meshcore.mesh.types import Change, Mesh, Topic, WatchKey
from meshcore.registry.types import Node

Action = Callable[[Mesh], Iterator[Change]]


def put(name: str, address: str = "10.0.0.1", **meta: str) -> Action:
    def run(mesh: Mesh) -> Iterator[Change]:
        before, after = mesh.registry.node(name), Node(name=name, address=address, meta=meta)
        if before != after:
            yield Change(Topic.NODE, (name,), before, after)

    return run


def delete(name: str) -> Action:
    def run(mesh: Mesh) -> Iterator[Change]:
        if before := mesh.registry.node(name):
            yield Change(Topic.NODE, (name,), before, None)

    return run


def increment(name: str) -> Action:
    """Count in the node's meta: two writers that do not see each other lose a count."""

    def run(mesh: Mesh) -> Iterator[Change]:
        before = mesh.registry.node(name)
        after = Node(name=name, address="", meta={"count": str(count(mesh, name) + 1)})
        yield Change(Topic.NODE, (name,), before, after)

    return run


def count(mesh: Mesh, name: str) -> int:
    node = mesh.registry.node(name)
    return int(node.meta["count"]) if node else 0


def refuse(mesh: Mesh) -> Iterator[Change]:
    raise ConflictError(f"refused at {mesh.index}")


def fail(mesh: Mesh) -> Iterator[Change]:
    raise ZeroDivisionError(f"failed at {mesh.index}")


def nodes(mesh: Mesh) -> dict[str, tuple[int, int]]:
    """The names of the nodes with the indexes of their creation and last change."""
    records = mesh.registry.nodes.items()
    return {name: (record.create_index, record.modify_index) for name, record in records}


def node_key(name: str) -> list[WatchKey]:
    return [watch.node(name)]
