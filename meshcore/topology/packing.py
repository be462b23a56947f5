"""Boxes of cells, beside and below one another without overlap, to a picture of pleasant shape."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, sqrt

import msgspec

Cell = tuple[int, int]  # column, row

COLUMN = 200.0  # pixels at full size; a label is about 120 wide
ROW = 96.0  # a vertex and its label below it, with air
ASPECT = 1.6  # width to height that a picture is packed to
ROWS_A_COLUMN = ASPECT * ROW / COLUMN  # what makes them equally long, and ASPECT of it
STRIP = 8  # so many columns can be read side by side, however few rows they have


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


def banded(boxes: Sequence[Box], *, gap: int) -> Box:
    """Boxes in their order beside one another, in as few bands as make no long strip of them."""
    for count in range(1, len(boxes) + 1):
        bands = list(parted(boxes, count, gap=gap))
        columns = max(sum(box.columns + gap for box in band) - gap for band in bands)
        rows = sum(max(box.rows for box in band) + gap for band in bands) - gap
        if columns <= max(STRIP, 1.5 * rows * ROWS_A_COLUMN):
            break
    return stacked([beside(centred(band), gap=gap) for band in bands], gap=gap)


def parted(boxes: Sequence[Box], count: int, *, gap: int) -> Iterator[list[Box]]:
    """Part them, in their order, into so many bands of about the same length."""
    length = sum(box.columns + gap for box in boxes) / count
    band: list[Box] = []
    used = 0.0
    for box in boxes:
        if band and used + box.columns / 2 > length:
            yield band
            band, used = [], used - length
        band.append(box)
        used += box.columns + gap
    yield band


def centred(boxes: Sequence[Box]) -> list[Box]:
    rows = max(box.rows for box in boxes)
    return [Box(box.at(0, (rows - box.rows) // 2), box.columns, rows) for box in boxes]


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
