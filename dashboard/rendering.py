"""From a page to HTML, taken apart where it is live.

A template marks what may change by itself:

    {% live "row-web" %}<tr id="row-web">...</tr>{% endlive %}

The text around those blocks is the skeleton. Two renderings with one skeleton differ in blocks
alone, and only those that differ are sent to the tabs that are open.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from hashlib import blake2b

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from dashboard.pages import Page
from meshcore.topology.types import Graph

# Drawn anew by each process, so that nothing a service can write into a page is taken for one.
MARK = f"live-{secrets.token_hex(8)}-"
KEY = re.compile(r"[A-Za-z][\w.:-]*", re.ASCII)
MARKS = re.compile(f"<{MARK}([^>]*)>")
BARE = "dashboard/bare.html"


class Rendered:
    """What is in <main>, and the version that equal ones share within a process."""

    def __init__(
        self, title: str, skeleton: str, blocks: Mapping[str, str], graph: Graph | None = None
    ) -> None:
        self.graph = graph
        self.title = title
        self.skeleton = skeleton
        self.blocks = blocks

    @cached_property
    def html(self) -> str:
        return MARKS.sub(lambda mark: self.blocks[mark[1]], self.skeleton)

    @property
    def markup(self) -> SafeString:
        """For a template to put into its place."""
        return mark_safe(self.html)  # noqa: S308 it comes out of a template, which escapes

    @cached_property
    def version(self) -> str:
        drawn = (self.graph.vertices, self.graph.edges) if self.graph else ()
        text = f"{self.title}\0{self.html}\0{hash(drawn)}"
        return blake2b(text.encode(), digest_size=9).hexdigest()


def rendered(page: Page) -> Rendered:
    blocks: dict[str, str] = {}
    context = {**page.context, "page_base": BARE, "live_blocks": blocks}
    context |= {"title": page.title, "is_filtered": page.is_filtered}
    skeleton = render_to_string(page.template, context)
    return Rendered(page.title, skeleton, blocks, page.graph)


def marked(blocks: dict[str, str], key: str, render: Callable[[], str]) -> str:
    """Keep the block aside and leave its mark in the skeleton."""
    if not KEY.fullmatch(key):
        raise ValueError(f"{key} cannot be the id of an element: use the filter as_id")
    if key in blocks:
        raise ValueError(f"two live blocks of one page are called {key}")
    blocks[key] = ""  # it keeps its place in their order
    blocks[key] = render()
    if f"<{MARK}" in blocks[key]:
        raise ValueError(f"the live block {key} holds another one")
    return f"<{MARK}{key}>"
