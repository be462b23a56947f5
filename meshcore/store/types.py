"""What is asked of the store and what it answers."""

from collections.abc import Callable, Iterable

import msgspec

from meshcore.mesh.types import Change, Mesh

Action = Callable[[Mesh], Iterable[Change]]


class Written(msgspec.Struct, frozen=True):
    """`mesh` is the one that the action left; without changes, `index` is what it was before.

    When which watch key was touched is not in it yet: that is for the mesh of the store.
    """

    index: int
    changes: tuple[Change, ...]
    mesh: Mesh
