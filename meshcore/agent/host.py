"""What is wanted on this host: a mesh of one node, changed by the same actions as the servers'."""

import asyncio
from collections.abc import Callable, Iterable

from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import Node
from meshcore.registry.view import Registry

Action = Callable[[Mesh], Iterable[Change]]


class Host:
    """Each reader of changes has an event of its own; the mesh it finds may hold several."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.heartbeats = Heartbeats()
        self.tokens: dict[str, str] = {}  # of services and of checks of the node, by their ids
        self._readers: list[asyncio.Event] = []
        self.mesh = Mesh()
        self.write(lambda _: [Change(Topic.NODE, (node.name,), None, node)])

    @property
    def registry(self) -> Registry:
        return self.mesh.registry

    def write(self, action: Action) -> bool:
        """Tell whether anything is another than before."""
        changes = list(action(self.mesh))
        if not changes:
            return False
        self.mesh = apply(self.mesh, changes, index=self.mesh.index + 1)
        for reader in self._readers:
            reader.set()
        return True

    def reader(self) -> asyncio.Event:
        """Set at every change from now on, and now; its reader clears it before it looks."""
        event = asyncio.Event()
        event.set()
        self._readers.append(event)
        return event

    def forget(self, reader: asyncio.Event) -> None:
        self._readers.remove(reader)

    def __repr__(self) -> str:
        return f"Host({self.node.name})"  # it holds tokens
