"""The graph for other programs to draw (DOT), and drawn (SVG): as everybody sees it stand.

Colours are those of the dashboard's light theme. An edge is never told by its colour alone: denied
ones are dashed, conditional ones dotted.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from meshcore.topology.packing import COLUMN, ROW
from meshcore.topology.types import LiveEdge, LiveGraph, LiveVertex

HEALTH = {"passing": "#0b7a75", "warning": "#b87503", "critical": "#b4163b", "unknown": "#8a94a3"}
VERDICT = {"allow": "#0b7a75", "deny": "#b4163b", "conditional": "#b87503", "unknown": "#8a94a3"}
DASHES = {"allow": "", "deny": "7 4", "conditional": "2 4", "unknown": "1 6"}
STYLES = {"allow": "solid", "deny": "dashed", "conditional": "dotted", "unknown": "dotted"}
POINTS_A_PIXEL = 0.75
WIDTH, HEIGHT = 160, 34  # of a service
SPACE = 30  # for the arrow's head between two of them
TEXT = "#1b2430"
LONGEST = 21  # characters that fit into a service


def dot(graph: LiveGraph) -> str:
    """For Graphviz; `neato -n` keeps the places."""
    return "\n".join(("digraph mesh {", *dot_lines(graph), "}\n"))


def dot_lines(graph: LiveGraph) -> Iterator[str]:
    yield f"  node [shape=box, style=rounded, width={WIDTH / 96:.2f}]"
    for vertex in graph.vertices:
        position = f"{vertex.x * POINTS_A_PIXEL:g},{-vertex.y * POINTS_A_PIXEL:g}"
        attributes = (
            f'pos="{position}", color="{HEALTH[vertex.health]}", '
            f"tooltip={quoted(vertex.health_reason)}"
        )
        yield f"  {quoted(vertex.service)} [{attributes}]"
    for edge in graph.edges:
        attributes = (
            f'color="{VERDICT[edge.verdict]}", style={STYLES[edge.verdict]}, '
            f"label={quoted(traffic(edge))}, tooltip={quoted(edge.reason)}"
        )
        yield f"  {quoted(edge.source)} -> {quoted(edge.destination)} [{attributes}]"


def traffic(edge: LiveEdge) -> str:
    """In as few words as fit on a line; nothing where there is none."""
    if edge.is_stale:
        return "stale"
    said = f"{edge.rate:.3g}/s" if edge.rate else ""
    if edge.rate and edge.error_ratio:
        said += f", {edge.error_ratio:.1%} errors"
    if edge.denied_rate:
        said += f"{', ' if said else ''}{edge.denied_rate:.3g}/s denied"
    return said


def quoted(text: str) -> str:
    """Graphviz reads some backslashes in a label as commands."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def svg(graph: LiveGraph) -> str:
    left = min((vertex.x for vertex in graph.vertices), default=0.0) - COLUMN / 2
    top = min((vertex.y for vertex in graph.vertices), default=0.0) - ROW
    right = max((vertex.x for vertex in graph.vertices), default=0.0) + COLUMN / 2
    bottom = max((vertex.y for vertex in graph.vertices), default=0.0) + ROW
    width, height = right - left, bottom - top
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
            f' viewBox="{left:g} {top:g} {width:g} {height:g}"'
            ' font-family="Inter, system-ui, sans-serif" font-size="13">',
            f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="#fff"/>',
            *svg_edges(graph),
            *(svg_vertex(vertex) for vertex in graph.vertices),
            "</svg>\n",
        )
    )


def svg_edges(graph: LiveGraph) -> Iterator[str]:
    places = {vertex.service: (vertex.x, vertex.y) for vertex in graph.vertices}
    for verdict, colour in VERDICT.items():
        yield (
            f'<marker id="{verdict}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            f' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
        )
    for edge in graph.edges:
        if edge.source != edge.destination:
            yield svg_edge(edge, places[edge.source], places[edge.destination])


def svg_edge(edge: LiveEdge, start: tuple[float, float], end: tuple[float, float]) -> str:
    """A curve from one's right side to the other's left, or the other way round."""
    side = 1 if end[0] >= start[0] else -1
    (x1, y1), (x2, y2) = (
        (start[0] + side * WIDTH / 2, start[1]),
        (end[0] - side * WIDTH / 2, end[1]),
    )
    bend = side * max(abs(x2 - x1) / 2, SPACE)
    path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    said = f"; {traffic(edge)}" if traffic(edge) else ""
    title = escape(f"{edge.source} → {edge.destination}: {edge.reason}{said}")
    return (
        f'<path d="{path}" fill="none" stroke="{VERDICT[edge.verdict]}" stroke-width="1.5"'
        f' stroke-dasharray="{DASHES[edge.verdict]}" marker-end="url(#{edge.verdict})">'
        f"<title>{title}</title></path>"
    )


def svg_vertex(vertex: LiveVertex) -> str:
    x, y = vertex.x - WIDTH / 2, vertex.y - HEIGHT / 2
    title = escape(f"{vertex.service}: {vertex.health}, {vertex.health_reason}")
    return (
        f"<g><title>{title}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#fff"'
        f' stroke="{HEALTH[vertex.health]}" stroke-width="2"/>'
        f'<text x="{vertex.x:g}" y="{vertex.y + 4.5:g}" text-anchor="middle" fill="{TEXT}"'
        f">{escape(shortened(vertex.service))}</text></g>"
    )


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
