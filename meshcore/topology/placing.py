"""Places for services that have none yet; who has one never moves.

A newcomer stands beside its neighbours of the same group: one column to the right of its callers,
else one to the left of whom it calls, on the free cell nearest to their middle. Groups of which
nobody stands yet get a layout of their own, beside or below everything.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from msgspec.structs import replace

from meshcore.mesh.places import Place, Places
from meshcore.topology.board import Board, place_at
from meshcore.topology.crossings import turned
from meshcore.topology.layering import Calls
from meshcore.topology.layout import GROUP_GAP, arranged
from meshcore.topology.packing import Cell
from meshcore.topology.types import Graph

Neighbours = Callable[[str], tuple[str, ...]]


def placed(graph: Graph, places: Places, more: Mapping[str, Place]) -> Graph:
    """Give the vertices their positions; `more` are the places of those that have none yet."""
    vertices = []
    for vertex in graph.vertices:
        place = places.of(vertex.service) or more[vertex.service]
        vertices.append(replace(vertex, x=place.x, y=place.y, is_pinned=place.is_pinned))
    return replace(graph, vertices=tuple(vertices))


def missing(graph: Graph, places: Places) -> dict[str, Place]:
    """Return places for those vertices of the whole graph that have none, and for no others."""
    groups = {vertex.service: vertex.group for vertex in graph.vertices}
    new = [name for name in groups if places.of(name) is None]
    if not new:
        return {}
    board = Board(groups)
    for service, record in places.by_service.items():
        board.keep(service, record.value)
    known = [name for name in new if groups[name] in board.areas]
    join(board, known, groups, calls_within(graph, groups))
    add_block(board, arranged(part(graph, set(new).difference(known))))
    return {name: place_at(board.cells[name]) for name in new}


def join(board: Board, names: Iterable[str], groups: Mapping[str, str], calls: Calls) -> None:
    callers = turned(calls)

    def neighbours(name: str) -> tuple[str, ...]:
        return (*callers.get(name, ()), *calls.get(name, ()))

    for name in in_turn(names, board.cells, neighbours):
        left = [board.cells[each] for each in callers.get(name, ()) if each in board.cells]
        right = [board.cells[each] for each in calls.get(name, ()) if each in board.cells]
        board.claim(name, between(left, right) or board.end_of(groups[name]))


def in_turn(names: Iterable[str], standing: Container[str], neighbours: Neighbours) -> list[str]:
    """Put first who has a neighbour that stands, and each one's own neighbours next."""
    waiting = dict.fromkeys(names)
    nearest = [name for name in waiting if any(each in standing for each in neighbours(name))]
    order: list[str] = []
    for start in (*nearest, *waiting):
        queue = [start] if start in waiting else []
        for name in queue:  # which grows meanwhile
            if name in waiting:
                del waiting[name]
                order.append(name)
                queue += neighbours(name)
    return order


def between(left: Sequence[Cell], right: Sequence[Cell]) -> Cell | None:
    """The cell after one's callers, or before one's callees, in the middle of them all."""
    if not left and not right:
        return None
    rows = [row for _, row in (*left, *right)]
    column = max(left)[0] + 1 if left else min(right)[0] - 1
    return column, round(sum(rows) / len(rows))


def add_block(board: Board, cells: Mapping[str, Cell]) -> None:
    """Add a layout of its own where nothing stands, so that the picture keeps its shape."""
    left, top = board.corner(gap=GROUP_GAP)
    for name, (column, row) in cells.items():
        board.claim(name, (left + column, top + row))


def calls_within(graph: Graph, groups: Mapping[str, str]) -> Calls:
    calls: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.source != edge.destination and groups[edge.source] == groups[edge.destination]:
            calls.setdefault(edge.source, []).append(edge.destination)
    return calls


def part(graph: Graph, names: Container[str]) -> Graph:
    return replace(
        graph,
        vertices=tuple(each for each in graph.vertices if each.service in names),
        edges=tuple(
            each for each in graph.edges if each.source in names and each.destination in names
        ),
    )
