"""The order within each column: everybody as high as those whom they call, and who call them.

The way of Sugiyama, Tagawa and Toda: sweep over the columns and sort each one by the mean height of
its neighbours in those that were swept already. A few sweeps take most crossings away.
"""

from collections.abc import Mapping, Sequence

from meshcore.topology.layering import Calls

SWEEPS = 4


def ordered(layers: Sequence[Sequence[str]], calls: Calls) -> list[list[str]]:
    callers = turned(calls)
    columns = [list(layer) for layer in layers]
    heights: dict[str, float] = {}
    for column in columns:
        note(column, heights)
    for sweep in range(SWEEPS):
        is_rightwards = sweep % 2 == 0
        neighbours = callers if is_rightwards else calls
        for column in columns if is_rightwards else reversed(columns):
            if len(column) > 1:
                column.sort(key=lambda name: mean(name, neighbours, heights))
                note(column, heights)
    return columns


def turned(calls: Calls) -> dict[str, list[str]]:
    callers: dict[str, list[str]] = {}
    for name, callees in calls.items():
        for to in callees:
            callers.setdefault(to, []).append(name)
    return callers


def mean(name: str, neighbours: Calls, heights: Mapping[str, float]) -> float:
    """Who has no neighbours on that side stays where it is."""
    found = neighbours.get(name)
    if not found:
        return heights[name]
    return sum([heights[each] for each in found]) / len(found)


def note(column: Sequence[str], heights: dict[str, float]) -> None:
    """Heights are measured from the middle, since columns of unlike length are centred."""
    middle = (len(column) - 1) / 2
    for place, name in enumerate(column):
        heights[name] = place - middle
