"""Tells the tabs that draw the graph once a second what passes over it.

For each set of rights it is worked out and encoded once, in a thread; nothing is while nobody
looks. Who has not yet been sent what he was told before is left out, and told later of all that has
changed since: a slow tab costs nobody else anything, and gets no longer a queue by being slow.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from dashboard.live.making import Making
from dashboard.live.messages import News, Said, encoded
from dashboard.live.passing import Passing
from dashboard.live.tab import Tab
from meshcore.acl.authorizer import Authorizer
from meshcore.mesh.types import Mesh
from meshcore.topology.types import Edge
from meshcore.traffic.types import Pair

EVERY_S = 1.0
SOON_S = 0.2  # between two times, however many come
MOST_BYTES_PER_S = 64_000_000  # to all tabs; where they are more, all are told less often

logger = logging.getLogger(__name__)


class Followers:
    """The tabs with one set of rights, and the version that each of them has."""

    def __init__(self, authorizer: Authorizer) -> None:
        self.authorizer = authorizer
        self.passing = Passing()
        self.tabs: dict[Tab, str] = {}
        self._edges: tuple[Edge, ...] = ()
        self._named: frozenset[Pair] = frozenset()

    def named(self, edges: tuple[Edge, ...]) -> frozenset[Pair]:
        if edges is not self._edges:
            self._edges, self._named = edges, frozenset(each.key for each in edges)
        return self._named


class Told(msgspec.Struct, frozen=True):
    version: str
    texts: dict[str, Said]  # by the version of who is told; of who has the latest there is none


class Feed:
    """Used on one event loop."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self._followers: dict[Authorizer, Followers] = {}
        self._of: dict[Tab, Followers] = {}
        self._began_at = -EVERY_S
        self._pause_s = EVERY_S
        self._telling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def follow(self, tab: Tab, authorizer: Authorizer, version: str) -> None:
        """Tell the tab, which has this version, what is new, and go on doing so."""
        followers = self._followers.get(authorizer)
        if followers is None or self._of.get(tab) is not followers:
            self.leave(tab)
            followers = self._followers.setdefault(authorizer, Followers(authorizer))
        self._of[tab] = followers
        followers.tabs[tab] = version
        self._next(SOON_S if self._pause_s == EVERY_S else self._pause_s)

    def leave(self, tab: Tab) -> None:
        followers = self._of.pop(tab, None)
        if followers is None:
            return
        del followers.tabs[tab]
        if not followers.tabs:
            del self._followers[followers.authorizer]

    def _next(self, pause_s: float) -> None:
        if self._telling is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        wait_s = max(self._began_at + pause_s - loop.time(), 0)
        self._timer = loop.call_later(wait_s, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._followers:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        loop, making = asyncio.get_running_loop(), self._making
        self._began_at, told_bytes = loop.time(), 0
        try:
            mesh = making.store.mesh
            for followers in tuple(self._followers.values()):
                versions = frozenset(followers.tabs.values())
                told = await loop.run_in_executor(
                    making.threads, self._told, followers, mesh, versions
                )
                told_bytes += send(followers.tabs, told)
        except Exception:  # the next second may go better
            logger.exception("the traffic cannot be told")
        finally:
            self._telling = None
        self._pause_s = max(EVERY_S, told_bytes / MOST_BYTES_PER_S)
        self._next(self._pause_s)

    def _told(self, followers: Followers, mesh: Mesh, versions: Iterable[str]) -> Told:
        """In a thread of its own, so that no socket waits for it."""
        graphs, passing = self._making.facts.graphs, followers.passing
        named = followers.named(graphs.of(mesh, followers.authorizer).edges)
        passing.become(graphs.live(mesh, followers.authorizer, now_s=time.time()), named)
        latest, at, now = passing.version, self._making.clock.at(mesh.index), datetime.now(UTC)
        texts = {
            version: encoded(News(index=mesh.index, at=at, traffic=passing.since(version, at=now)))
            for version in versions
            if version != latest
        }
        return Told(latest, texts)


def send(tabs: dict[Tab, str], told: Told) -> int:
    """Tell each tab what it lacks, and return how many bytes that is; who came meanwhile is told
    the next time."""
    sent = 0
    for tab, version in tabs.items():
        text = told.texts.get(version)
        if text is not None and not tab.is_behind:
            tab.send(text)
            sent += len(text.frame)
            tabs[tab] = told.version
    return sent
