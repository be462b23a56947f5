"""Writing where services stand in the graph."""

from collections.abc import Iterator, Mapping
from math import isfinite

from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Mesh, Topic

FARTHEST = 1_000_000.0  # pixels


def settle(mesh: Mesh, found: Mapping[str, Place]) -> Iterator[Change]:
    """Keep the places that `topology/placing.py: missing` found, and move nobody.

    Two processes may have looked at different meshes: who has a place by now keeps it, and who
    would stand on somebody else waits for the next look.
    """
    taken = {spot(record.value) for record in mesh.places.by_service.values()}
    for service, place in found.items():
        if mesh.places.of(service) is None and spot(place) not in taken:
            taken.add(spot(place))
            yield Change(Topic.PLACE, (service,), None, place)


def pin(mesh: Mesh, service: str, *, x: float, y: float) -> Iterator[Change]:
    """Put a service where somebody wants it, and keep it there."""
    for name, value in (("x", x), ("y", y)):
        if not isfinite(value) or abs(value) > FARTHEST:
            raise InvalidError(f"{name} is {value}: it must be within {FARTHEST:.0f} pixels")
    yield from _moved(mesh, service, Place(x=float(x), y=float(y), is_pinned=True))


def unpin(mesh: Mesh, service: str) -> Iterator[Change]:
    """Leave it where it is, as if the layout had put it there."""
    before = mesh.places.of(service)
    if before is None:
        raise NotFoundError(f"no service {service} has a place in the graph")
    yield from _moved(mesh, service, Place(x=before.x, y=before.y))


def _moved(mesh: Mesh, service: str, after: Place) -> Iterator[Change]:
    before = mesh.places.of(service)
    if before is None and service not in mesh.registry.by_service:
        raise NotFoundError(f"no service {service} is in the graph")
    if before != after:
        yield Change(Topic.PLACE, (service,), before, after)


def spot(place: Place) -> tuple[float, float]:
    return place.x, place.y
