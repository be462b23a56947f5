"""Rows of the list of services, kept until what they are made of changes.

A list of ten thousand services is filtered in a few milliseconds, and would take a second to make.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from meshcore.config_entries.view import ConfigEntries
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.registry.view import Instances, Registry
from meshcore.topology.graph import service_names

Row = TypeVar("Row")
MOST = 50_000  # rows; when there were more names than that, all are made anew


class Made(msgspec.Struct, Generic[Row], frozen=True):
    """A row with what it was made of: the index alone would not tell two meshes' rows apart."""

    row: Row
    touched_at: int
    own: Instances | None
    reached: Instances | None


class Whole(msgspec.Struct, Generic[Row], frozen=True):
    registry: Registry
    config_entries: ConfigEntries
    rows: dict[str, Row]


class ServiceRows(Generic[Row]):
    """Used by many threads: at worst two of them make the same row."""

    def __init__(
        self, make: Callable[[Mesh, str], Row], watch_keys: Callable[[str], tuple[WatchKey, ...]]
    ) -> None:
        self._make = make
        self._watch_keys = watch_keys
        self._made: dict[str, Made[Row]] = {}
        self._whole: Whole[Row] | None = None

    def of(self, mesh: Mesh) -> dict[str, Row]:
        """The rows of all services, by name and in the order of the names."""
        whole = self._whole
        if (
            whole is None
            or whole.registry is not mesh.registry
            or whole.config_entries is not mesh.config_entries
        ):
            names = sorted(service_names(mesh.registry))
            rows = {name: self._row(mesh, name) for name in names}
            whole = self._whole = Whole(mesh.registry, mesh.config_entries, rows)
        return whole.rows

    def _row(self, mesh: Mesh, service: str) -> Row:
        own = mesh.registry.by_service.get(service)
        reached = mesh.registry.by_destination.get(service)
        touched_at = mesh.touched_at(self._watch_keys(service))
        made = self._made.get(service)
        if (
            made is not None
            and made.touched_at == touched_at
            and made.own is own
            and made.reached is reached
        ):
            return made.row
        if len(self._made) >= MOST:
            self._made.clear()
        row = self._make(mesh, service)
        self._made[service] = Made(row, touched_at, own, reached)
        return row
