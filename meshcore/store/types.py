"""What is asked of the store and what it answers."""

from collections.abc import Callable, Iterable

import msgspec

from meshcore.mesh.types import Change, Mesh

Action = Callable[[Mesh], Iterable[Change]]


class Written(msgspec.Struct, frozen=True):
    """`mesh` is the one that the action left; without changes, `index` is what it was before."""

    index: int
    changes: tuple[Change, ...]
    mesh: Mesh
