"""What goes over the live socket: what a tab asks for, and what it is told.

{"watch": "/ui/services?q=web", "version": "9f..."}   from the tab: this is what it shows
{"index": 42, "at": "..."}                            nothing on its page has changed
{"index": 43, "at": "...", "watch": "...", "version": "c1...", "title": "Services",
 "blocks": {"row-web": "<tr id=..."}}                 these elements have
{... "page": "<main ..."}                             more than elements has: all of it
{"watch": "/ui/graph", "version": "9f...", "traffic": ""}   from the tab: it draws what passes
{"index": 43, "at": "...", "traffic": {...}}          once a second, what passes (passing.py)
{... "graph": {"index": 43, "vertices": [...], "gone_vertices": [], ...}}
{"end": "..."}                                        the login is over; the socket closes
"""

from datetime import datetime

import msgspec

from dashboard.live.passing import Traffic
from dashboard.rendering import Rendered
from meshcore.topology.types import Edge, Graph, Vertex

WHOLE_TEXT = 0x81
LONGEST = 16 * 1024  # of what a tab may send


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The path and query of a tab, and the version of the content that it has; of what passes over
    the graph it says one only while it is seen."""

    watch: str
    version: str = ""
    traffic: str | None = None


class GraphChange(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    vertices: tuple[Vertex, ...]
    gone_vertices: tuple[str, ...]
    edges: tuple[Edge, ...]
    gone_edges: tuple[tuple[str, str], ...]


class News(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` is when the index came to be; the rest is left out where there is nothing to say."""

    index: int
    at: datetime
    watch: str = ""
    version: str = ""
    title: str = ""
    blocks: dict[str, str] = {}
    page: str = ""
    graph: Graph | GraphChange | None = None
    traffic: Traffic | None = None


class End(msgspec.Struct, frozen=True):
    end: str


ENCODER = msgspec.json.Encoder()
WATCHES = msgspec.json.Decoder(Watch)


class Said(msgspec.Struct, frozen=True):
    """A message as it is made once, for all the tabs that are told it."""

    body: bytes
    frame: bytes  # of a websocket, as a server writes it

    @property
    def text(self) -> str:
        return self.body.decode()


def encoded(message: News | End) -> Said:
    body = ENCODER.encode(message)
    return Said(body, header(len(body)) + body)


def header(length: int) -> bytes:
    """Of one whole text frame that is not masked (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((WHOLE_TEXT, length))
    if length < 1 << 16:
        return bytes((WHOLE_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((WHOLE_TEXT, 127)) + length.to_bytes(8, "big")


def whole(content: Rendered, *, watch: str, index: int, at: datetime) -> News:
    """For a tab of which nothing is known but that it shows something else."""
    return News(
        index=index,
        at=at,
        watch=watch,
        version=content.version,
        title=content.title,
        page=content.html,
        graph=content.graph,
    )


def difference(before: Rendered, after: Rendered, *, watch: str, index: int, at: datetime) -> News:
    """What makes of the one what the other is, for tabs that show the one."""
    is_same_skeleton = before.skeleton == after.skeleton and before.blocks.keys() == (
        after.blocks.keys()
    )
    changed = {key: html for key, html in after.blocks.items() if before.blocks.get(key) != html}
    return News(
        index=index,
        at=at,
        watch=watch,
        version=after.version,
        title=after.title,
        blocks=changed if is_same_skeleton else {},
        page="" if is_same_skeleton else after.html,
        graph=graph_difference(before.graph, after.graph),
    )


def graph_difference(before: Graph | None, after: Graph | None) -> Graph | GraphChange | None:
    if before is None or after is None or before.default_verdict != after.default_verdict:
        return after
    vertices = {each.service: each for each in before.vertices}
    edges = {each.key: each for each in before.edges}
    change = GraphChange(
        index=after.index,
        vertices=tuple(v for v in after.vertices if vertices.get(v.service) != v),
        gone_vertices=tuple(vertices.keys() - {v.service for v in after.vertices}),
        edges=tuple(e for e in after.edges if edges.get(e.key) != e),
        gone_edges=tuple(edges.keys() - {e.key for e in after.edges}),
    )
    if change.vertices or change.gone_vertices or change.edges or change.gone_edges:
        return change
    return None
