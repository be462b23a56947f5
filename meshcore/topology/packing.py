"""Boxes of cells, beside and below one another without overlap, to a picture of pleasant shape."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, sqrt

import msgspec

Cell = tuple[int, int]  # column, row

COLUMN = 220.0  # pixels; a label is about 160 wide
ROW = 72.0
ASPECT = 1.6  # width to height that a picture is packed to
ROWS_A_COLUMN = ASPECT * ROW / COLUMN  # what makes them equally long, and ASPECT of it


class Box(msgspec.Struct, frozen=True):
    """Names on cells that begin at (0, 0)."""

    cells: Mapping[str, Cell]
    columns: int
    rows: int

    def at(self, column: int, row: int) -> dict[str, Cell]:
        return {name: (column + own[0], row + own[1]) for name, own in self.cells.items()}


def tallest(count: int) -> int:
    """How many rows a box of so many cells may have before it gets a column more."""
    return max(8, ceil(sqrt(count / ROWS_A_COLUMN)))


def grid(names: Sequence[str]) -> Box:
    """One name a cell, row by row."""
    columns = max(1, round(sqrt(len(names) * ROWS_A_COLUMN)))
    cells = {name: (place % columns, place // columns) for place, name in enumerate(names)}
    return Box(cells, min(columns, len(names)), ceil(len(names) / columns))


def columns(layers: Sequence[Sequence[str]]) -> Box:
    """Columns in their order, centred; one that is too tall becomes several, filled in turns."""
    most = tallest(sum(len(layer) for layer in layers))
    rows = max(min(len(layer), most) for layer in layers)
    cells: dict[str, Cell] = {}
    column = 0
    for layer in layers:
        width = ceil(len(layer) / most)
        top = (rows - ceil(len(layer) / width)) // 2
        for place, name in enumerate(layer):
            cells[name] = (column + place % width, top + place // width)
        column += width
    return Box(cells, column, rows)


def shelved(boxes: Sequence[Box], *, gap: int) -> Box:
    """Boxes in their order, from left to right and then on the next shelf below."""
    area = sum((box.columns + gap) * (box.rows + gap) for box in boxes)
    widest = max(max(box.columns for box in boxes), ceil(sqrt(area * ROWS_A_COLUMN)))
    shelves: list[list[Box]] = [[]]
    used = 0
    for box in boxes:
        if shelves[-1] and used + box.columns > widest:
            shelves.append([])
            used = 0
        shelves[-1].append(box)
        used += box.columns + gap
    return stacked([beside(shelf, gap=gap) for shelf in shelves], gap=gap)


def beside(boxes: Iterable[Box], *, gap: int) -> Box:
    cells: dict[str, Cell] = {}
    column, rows = -gap, 0
    for box in boxes:
        cells |= box.at(column + gap, 0)
        column += gap + box.columns
        rows = max(rows, box.rows)
    return Box(cells, column, rows)


def stacked(boxes: Iterable[Box], *, gap: int) -> Box:
    cells: dict[str, Cell] = {}
    row, columns = -gap, 0
    for box in boxes:
        cells |= box.at(0, row + gap)
        row += gap + box.rows
        columns = max(columns, box.columns)
    return Box(cells, columns, row)
