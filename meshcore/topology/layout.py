"""Where all services stand when nothing stands yet: twice layered, groups and then what is in them.

Groups are columns by the order of calls between them; within a group each island of services that
call each other is layered for itself; whoever calls nobody in the group stands in a grid below.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import ceil, sqrt

from meshcore.topology import packing
from meshcore.topology.crossings import ordered, turned
from meshcore.topology.layering import Calls, layers
from meshcore.topology.packing import ROWS_A_COLUMN, Box, Cell
from meshcore.topology.types import Graph

ISLAND_GAP = 1
GROUP_GAP = 2
WIDE = 24  # columns; a wider picture that is not high stacks groups that call each other, too


def arranged(graph: Graph) -> Mapping[str, Cell]:
    """Return a cell for each vertex, no two on the same one."""
    groups = {vertex.service: vertex.group for vertex in graph.vertices}
    members: dict[str, list[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, []).append(name)
    inside: dict[str, dict[str, list[str]]] = {group: {} for group in members}
    between: dict[tuple[str, str], int] = {}
    for edge in graph.edges:
        ends = groups[edge.source], groups[edge.destination]
        if ends[0] != ends[1]:
            between[ends] = between.get(ends, 0) + 1
        elif edge.source != edge.destination:
            inside[ends[0]].setdefault(edge.source, []).append(edge.destination)
    boxes = {group: group_box(names, inside[group]) for group, names in members.items()}
    return side_by_side(boxes, prevailing(between)).cells


def group_box(names: Sequence[str], calls: Calls) -> Box:
    found = sorted(islands(names, calls), key=len, reverse=True)
    alone = [island[0] for island in found if len(island) == 1]
    boxes = [island_box(island, calls) for island in found if len(island) > 1]
    if alone:
        boxes.append(packing.grid(alone))
    return packing.shelved(boxes, gap=ISLAND_GAP)


def island_box(names: Sequence[str], calls: Calls) -> Box:
    own = {name: calls[name] for name in names if name in calls}
    return packing.columns(ordered(layers(names, own), own))


def islands(names: Sequence[str], calls: Calls) -> list[list[str]]:
    """Return who is connected with whom, in the order of the names."""
    callers = turned(calls)
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        island = [start]
        for name in island:  # which grows meanwhile
            for other in (*calls.get(name, ()), *callers.get(name, ())):
                if other not in seen:
                    seen.add(other)
                    island.append(other)
        found.append(sorted(island))
    return found


def prevailing(between: Mapping[tuple[str, str], int]) -> Calls:
    """Of two groups that call each other, the one with more calls counts as the caller."""
    calls: dict[str, list[str]] = {}
    for (source, destination), count in sorted(between.items()):
        back = between.get((destination, source), 0)
        if (count, destination) > (back, source):
            calls.setdefault(source, []).append(destination)
    return calls


def side_by_side(boxes: Mapping[str, Box], calls: Calls) -> Box:
    if not boxes:
        return Box({}, 0, 0)
    columns = ordered(layers(sorted(boxes), calls), calls)
    area = sum((box.columns + GROUP_GAP) * (box.rows + GROUP_GAP) for box in boxes.values())
    most = ceil(sqrt(area / ROWS_A_COLUMN))
    width = sum(max(boxes[group].columns for group in column) for column in columns)
    if width > max(WIDE, 2 * most * ROWS_A_COLUMN):
        columns = [list(chain.from_iterable(columns))]
    stacks = [
        packing.stacked([boxes[group] for group in stack], gap=GROUP_GAP)
        for column in columns
        for stack in stacks_of(column, boxes, most)
    ]
    return packing.banded(stacks, gap=GROUP_GAP)


def stacks_of(column: Sequence[str], boxes: Mapping[str, Box], most: int) -> list[list[str]]:
    """Part a column of groups where it would be taller than the picture is to be."""
    stacks: list[list[str]] = [[]]
    used = 0
    for group in column:
        if stacks[-1] and used + boxes[group].rows > most:
            stacks.append([])
            used = 0
        stacks[-1].append(group)
        used += boxes[group].rows + GROUP_GAP
    return stacks
