"""What a page is: a pure function from one mesh, and who looks at it, to what is shown.

The same function answers an HTTP request and renders again for the tabs that are open whenever one
of its watch keys is touched, so it may read nothing but what it is given.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from dashboard.facts import Facts
from dashboard.params import Params
from dashboard.tables import Listing
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import Caller
from meshcore.topology.types import Graph


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`mesh` is the one moment that everything on the page belongs to."""

    mesh: Mesh
    caller: Caller
    params: Params
    arguments: Mapping[str, str]
    now: datetime
    facts: Facts


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """`refresh` is for what a page shows beside the mesh: streams, and whatever runs out by itself.

    Whatever in the mesh its content depends on is among the watch keys, also what it looked for in
    vain: else open tabs miss the change. Nothing in the context may differ between two callers with
    the same rights, or come from a clock or a random number: open tabs share what is rendered.
    """

    template: str
    title: str
    context: Mapping[str, object]
    watch_keys: tuple[WatchKey, ...]
    is_filtered: bool = False
    refresh: timedelta | None = None
    listing: Listing[Any] | None = None  # what `?format=csv` and `json` give
    graph: Graph | None = None  # what its open tabs are told the changes of


PageFunction = Callable[[PageRequest], Page]
