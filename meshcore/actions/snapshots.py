"""Making the mesh what a snapshot says, as one change: whole, or not at all."""

from collections.abc import Iterator

from meshcore.mesh.apply import record_of
from meshcore.mesh.snapshots import Snapshot, values_of
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Node


def restore(mesh: Mesh, *, snapshot: Snapshot, server: str = "") -> Iterator[Change]:
    """What is not in the snapshot goes. The index goes on from where it is, never back.

    The node of the server itself stays, and so does one that is another machine by now: its name
    is in the snapshot with another id.
    """
    own = (Topic.NODE, (server,))
    for topic, key, before in values_of(mesh):
        if (topic, key) not in snapshot.values and (topic, key) != own:
            yield Change(topic, key, before, None)
    for (topic, key), after in snapshot.values.items():
        record = record_of(mesh, topic, key)
        former = record.value if record else None
        is_other_machine = (
            isinstance(former, Node) and isinstance(after, Node) and former.id not in ("", after.id)
        )
        if former != after and not is_other_machine and (topic, key) != own:
            yield Change(topic, key, former, after)
