"""The graph of the mesh for whoever looks: drawn once for each change, and then for each set of
rights; kept for all the doors of this process.

Traffic is put on it once a second at most, and only if somebody looks: the page that shows the
structure does not change by it.

Services that nobody saw before have no place yet. They are shown where the layout finds one, and
that is written down, so that from then on they stand there for everybody.
"""

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.rules import RuleKind
from meshcore.acl.verdicts import readable
from meshcore.actions import places
from meshcore.lib.errors import UnavailableError
from meshcore.mesh.places import Place
from meshcore.mesh.types import Mesh
from meshcore.store.store import Store
from meshcore.topology.graph import WATCH_KEYS, Drawing, drawn, visible
from meshcore.topology.live import Seen, live
from meshcore.topology.placing import missing, placed
from meshcore.topology.types import Graph, LiveGraph
from meshcore.traffic.live import Traffic

LAYOUT = "layout"  # the actor of entries that no person made
MOST_VIEWS = 64  # sets of rights; the one that was not asked for longest gives way

G = TypeVar("G", bound=Graph)


class Drawn(msgspec.Struct, frozen=True):
    drawing: Drawing
    whole: Graph
    missing: Mapping[str, Place]
    views: OrderedDict[Authorizer, Graph]


class LiveDrawn(msgspec.Struct, frozen=True):
    drawn: Drawn
    seen: Seen
    whole: LiveGraph
    views: OrderedDict[Authorizer, LiveGraph]


class Graphs:
    """May be used from any thread."""

    def __init__(
        self, store: Store, *, default_allow: bool, traffic: Traffic | None = None
    ) -> None:
        self._store = store
        self.traffic = traffic or Traffic()
        self.default_allow = default_allow
        self._lock = Lock()
        self._latest: Drawn | None = None
        self._live: LiveDrawn | None = None
        self._settled: Mapping[str, Place] = {}

    def of(self, mesh: Mesh, authorizer: Authorizer) -> Graph:
        """What may be seen with these rights of a mesh of the store's."""
        with self._lock:
            now = self._drawn(mesh)
            self._settle(now.missing)
            view = view_of(now.views, authorizer, now.whole)
        return replace(view, index=mesh.index)

    def live(self, mesh: Mesh, authorizer: Authorizer, *, now_s: float) -> LiveGraph:
        """The same with its traffic, and with the edges that are seen alone."""
        seen = Seen(self.traffic.edges(now_s=now_s), self.traffic.vertices(now_s=now_s))
        with self._lock:
            now = self._drawn(mesh)
            self._settle(now.missing)
            with_traffic = self._with_traffic(now, seen)
            view = view_of(with_traffic.views, authorizer, with_traffic.whole)
        return replace(view, index=mesh.index)

    def _with_traffic(self, now: Drawn, seen: Seen) -> LiveDrawn:
        former = self._live
        if former and former.drawn is now and former.seen.edges is seen.edges:
            return former
        whole = live(now.drawing, now.whole, seen, default_allow=self.default_allow)
        self._live = LiveDrawn(now, seen, whole, OrderedDict())
        return self._live

    def _settle(self, found: Mapping[str, Place]) -> None:
        """Write the places down, once; who looks does not wait for it."""
        if not found or found is self._settled or self._store.trouble:
            return
        with suppress(UnavailableError):  # the next drawing tries again
            self._store.write_later(partial(places.settle, found=found), actor=LAYOUT)
            self._settled = found

    def _drawn(self, mesh: Mesh) -> Drawn:
        """A mesh older than the latest drawing is drawn from the start: it is rarely asked for."""
        former = self._latest
        if former and mesh.index < former.drawing.index:
            former = None
        if former and not mesh.is_touched(WATCH_KEYS, after=former.drawing.index):
            return former
        drawing = drawn(
            mesh, default_allow=self.default_allow, former=former.drawing if former else None
        )
        found = missing(drawing.graph, mesh.places)
        whole = placed(drawing.graph, mesh.places, found)
        self._latest = Drawn(drawing, whole, found, OrderedDict())
        return self._latest


def view_of(views: OrderedDict[Authorizer, G], authorizer: Authorizer, whole: G) -> G:
    view = views.get(authorizer)
    if view is None:
        view = views[authorizer] = seen_by(authorizer, whole)
        if len(views) > MOST_VIEWS:
            views.popitem(last=False)
    views.move_to_end(authorizer)
    return view


def seen_by(authorizer: Authorizer, whole: G) -> G:
    verdicts = readable(authorizer)
    return visible(
        whole,
        may_see=verdicts[RuleKind.SERVICE].__getitem__,
        may_see_intentions=verdicts[RuleKind.INTENTION].__getitem__,
    )
