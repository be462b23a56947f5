"""The cells of the picture while services take theirs."""

from collections.abc import Iterable, Mapping

import msgspec

from meshcore.mesh.places import Place
from meshcore.topology.packing import COLUMN, ROW, ROWS_A_COLUMN, Cell

# The cells around one, nearest first: a column is as far as three rows.
REACH = sorted(
    ((column, row) for column in range(-12, 13) for row in range(-36, 37)),
    key=lambda offset: ((offset[0] * COLUMN) ** 2 + (offset[1] * ROW) ** 2, offset),
)
NARROW = 4  # columns that a group may take before it grows downwards


class Area(msgspec.Struct, frozen=True):
    left: int
    top: int
    right: int
    bottom: int

    def holds(self, cell: Cell) -> bool:
        return self.left <= cell[0] <= self.right and self.top <= cell[1] <= self.bottom


class Board:
    """Which cells are taken and, by group, the area that its members span.

    What people have pinned takes its cell, but says nothing about where a group is.
    """

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = groups
        self.taken: set[Cell] = set()
        self.cells: dict[str, Cell] = {}
        self.areas: dict[str, Area] = {}

    def keep(self, service: str, place: Place) -> None:
        cell = cell_of(place)
        self.taken.add(cell)
        if service in self._groups:
            self.cells[service] = cell
            if not place.is_pinned:
                self._span(self._groups[service], cell)

    def claim(self, service: str, wanted: Cell) -> Cell:
        """Take the nearest free cell, outside of other groups if there is one."""
        group = self._groups[service]
        others = [area for name, area in self.areas.items() if name != group]
        cell = self._free(wanted, others) or self._free(wanted, ()) or self._below(wanted)
        self.taken.add(cell)
        self.cells[service] = cell
        self._span(group, cell)
        return cell

    def end_of(self, group: str) -> Cell:
        """Where a member without neighbours stands: on the last row, or on a new one."""
        area = self.areas[group]
        for column in range(area.left, max(area.right, area.left + NARROW - 1) + 1):
            if (column, area.bottom) not in self.taken:
                return column, area.bottom
        return area.left, area.bottom + 1

    def corner(self, *, gap: int) -> Cell:
        """Where a new part of the picture begins: to the right of it all, or below."""
        if not self.areas:
            return 0, 0
        left = min(area.left for area in self.areas.values())
        top = min(area.top for area in self.areas.values())
        right = max(area.right for area in self.areas.values()) + 1
        bottom = max(area.bottom for area in self.areas.values()) + 1
        if (bottom - top) * ROWS_A_COLUMN > right - left:
            return right + gap, top
        return left, bottom + gap

    def _free(self, wanted: Cell, forbidden: Iterable[Area]) -> Cell | None:
        for column, row in REACH:
            cell = (wanted[0] + column, wanted[1] + row)
            if cell not in self.taken and not any(area.holds(cell) for area in forbidden):
                return cell
        return None

    def _below(self, wanted: Cell) -> Cell:
        column, row = wanted
        while (column, row) in self.taken:
            row += 1
        return column, row

    def _span(self, group: str, cell: Cell) -> None:
        before = self.areas.get(group, Area(*cell, *cell))
        self.areas[group] = Area(
            left=min(before.left, cell[0]),
            top=min(before.top, cell[1]),
            right=max(before.right, cell[0]),
            bottom=max(before.bottom, cell[1]),
        )


def cell_of(place: Place) -> Cell:
    return round(place.x / COLUMN), round(place.y / ROW)


def place_at(cell: Cell) -> Place:
    return Place(x=cell[0] * COLUMN, y=cell[1] * ROW)
