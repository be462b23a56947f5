"""Keeps the open tabs up to date: one rendering for all that show the same to the same rights.

A group is a URL and an authorizer. It subscribes to what its page depends on; a change renders it
again at once, then at most once in a while, in a thread, and what differs is encoded once for all
of its tabs. A tab says which version it has, so that one that comes (back) is sent nothing, or all.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from prometheus_client import Gauge

from dashboard import routes
from dashboard.facts import Facts
from dashboard.live import tab
from dashboard.live.feed import Feed
from dashboard.live.group import Group, Place
from dashboard.live.making import Making
from dashboard.live.messages import News, encoded
from dashboard.live.tab import Tab
from meshcore.store.callers import Caller
from meshcore.store.store import Store

TABS = Gauge("tulle_dashboard_tabs", "Tabs that are kept up to date over a socket.")
HEARTBEAT_S = 5.0
MOST_TABS = 10_000
GRAPH = "graph"  # the name of its route
RENDERING_THREADS = 2  # more would only contend for the interpreter


class Hub:
    """Used on one event loop."""

    def __init__(self, store: Store, facts: Facts) -> None:
        threads = ThreadPoolExecutor(RENDERING_THREADS, thread_name_prefix="live-page")
        self._making = Making(store=store, facts=facts, threads=threads)
        self._feed = Feed(self._making)
        self._groups: dict[Place, Group] = {}
        self._group_of: dict[Tab, Group] = {}
        self._heartbeat: asyncio.TimerHandle | None = None
        TABS.set_function(partial(len, self._group_of))

    def watch(
        self, watching: Tab, url: str, *, caller: Caller, version: str, traffic: str | None = None
    ) -> None:
        """Have the tab follow this page, and no other any more; and what passes over the graph,
        from this version of `traffic` on, if it is the page that draws it."""
        place = place_of(url, caller)
        group = self._groups.get(place)
        if group is None or self._group_of.get(watching) is not group:
            self.leave(watching)
            if len(self._group_of) >= MOST_TABS:
                watching.close(tab.FULL, "too many tabs are open")
                return
            group = self._groups.get(place) or Group(self._making, place, caller)
            self._groups[place] = self._group_of[watching] = group
        group.join(watching, version)
        if traffic is not None and is_of_graph(url):
            self._feed.follow(watching, caller.authorizer, traffic)
        else:
            self._feed.leave(watching)
        if self._heartbeat is None:
            self._beat()

    def leave(self, leaving: Tab) -> None:
        self._feed.leave(leaving)
        group = self._group_of.pop(leaving, None)
        if group is None:
            return
        group.remove(leaving)
        if group.is_empty:
            group.close()
            del self._groups[group.place]

    def _beat(self) -> None:
        """While there are tabs."""
        self._heartbeat = None
        if not self._groups:
            return
        index = self._making.store.mesh.index
        said = encoded(News(index=index, at=self._making.clock.at(index)))
        for group in self._groups.values():
            group.beat(said)
        self._heartbeat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._beat)


def is_of_graph(url: str) -> bool:
    found = routes.resolve(urlsplit(url).path)
    return found is not None and found.route.name == GRAPH


def place_of(url: str, caller: Caller) -> Place:
    path = urlsplit(url).path
    found = routes.resolve(path)
    if found is None:
        return Place(url, caller.authorizer, echo=url)
    accessor_id = caller.accessor_id if found.route.is_personal else ""
    if found.route.ignores_query:
        return Place(path, caller.authorizer, accessor_id)
    return Place(url, caller.authorizer, accessor_id, echo=url)
