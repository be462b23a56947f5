"""Where services stand in the picture of the mesh: everybody sees the same, and it stays."""

import msgspec
from immutables import Map

from meshcore.lib.records import Record


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The middle of a vertex, in pixels of an unscaled picture; only people pin."""

    x: float
    y: float
    is_pinned: bool = False


class Places(msgspec.Struct, frozen=True):
    by_service: Map[str, Record[Place]] = Map()

    def of(self, service: str) -> Place | None:
        record = self.by_service.get(service)
        return record.value if record else None

    def with_place(self, service: str, record: Record[Place] | None) -> "Places":
        places = self.by_service
        return Places(places.set(service, record) if record else places.delete(service))
