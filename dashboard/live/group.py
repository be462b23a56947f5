"""All the tabs that show one page to one set of rights."""

import asyncio
import logging
from urllib.parse import urlsplit

import msgspec

from dashboard import showing
from dashboard.live import tab
from dashboard.live.making import Making
from dashboard.live.messages import News, Said, difference, encoded, whole
from dashboard.live.tab import Tab
from dashboard.rendering import Rendered
from dashboard.showing import Shown
from meshcore.acl.authorizer import Authorizer
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import Caller

PAUSE_S = 0.2

logger = logging.getLogger(__name__)


class Place(msgspec.Struct, frozen=True, eq=False):
    """What a group is of. Authorizers are compared by identity, and held, as for answers of /v1."""

    watch: str
    authorizer: Authorizer
    accessor_id: str = ""  # where the page is about the token itself
    echo: str = ""  # tells a tab which page is meant, where its query matters

    def __hash__(self) -> int:
        return hash((self.watch, id(self.authorizer), self.accessor_id))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Place)
            and self.watch == other.watch
            and self.authorizer is other.authorizer
            and self.accessor_id == other.accessor_id
        )


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One rendering, and what tells those who have the one before of it, if it is another one."""

    shown: Shown
    index: int
    said: Said | None


class Group:
    def __init__(self, making: Making, place: Place, caller: Caller) -> None:
        self.place = place
        self._making = making
        self._caller = caller
        self._tabs: dict[Tab, None] = {}  # they have what `_latest` is
        self._joining: dict[Tab, str] = {}  # by the version that they have
        self._latest: Rendered | None = None
        self._is_behind = True
        self._began_at = -PAUSE_S
        self._rendering: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refreshing: asyncio.TimerHandle | None = None
        self._subscription = making.store.subscribe((), self._touched)

    @property
    def is_empty(self) -> bool:
        return not (self._tabs or self._joining)

    def join(self, joining: Tab, version: str) -> None:
        """Tell the tab how what it has differs, as soon as that is known."""
        self._tabs.pop(joining, None)
        self._joining[joining] = version
        if self._is_behind or self._rendering is not None:
            self._soon()
        else:
            self._welcome(self._making.store.mesh.index)

    def remove(self, leaving: Tab) -> None:
        self._tabs.pop(leaving, None)
        self._joining.pop(leaving, None)

    def beat(self, said: Said) -> None:
        """Say that nothing has changed, to all who are up to date."""
        if not self._is_behind and self._rendering is None:
            for each in self._tabs:
                each.send(said)

    def close(self) -> None:
        self._subscription.close()
        for handle in (self._timer, self._refreshing, self._rendering):
            if handle is not None:
                handle.cancel()

    def _touched(self, _mesh: Mesh, _keys: frozenset[WatchKey]) -> None:
        self._is_behind = True
        self._soon()

    def _soon(self) -> None:
        """At once after a pause, else at its end."""
        if self._rendering is not None or self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._began_at + PAUSE_S - loop.time()
        if wait_s <= 0:
            self._begin()
        else:
            self._timer = loop.call_later(wait_s, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._rendering = asyncio.create_task(self._render())

    async def _render(self) -> None:
        loop, making = asyncio.get_running_loop(), self._making
        self._is_behind = False
        self._began_at = loop.time()
        try:
            update = await loop.run_in_executor(making.threads, self._made, making.store.mesh)
            self._take(update)
        except Exception:  # a page that fails must not take the others along
            logger.exception("rendering %s failed", self.place.watch)
            self._fail()
            return
        finally:
            self._rendering = None
        if self._is_behind:
            self._soon()

    def _take(self, update: Update) -> None:
        # Watch first and look then: what was committed while it was rendered must not be missed.
        keys = update.shown.watch_keys
        self._subscription.watch(keys)
        if self._making.store.mesh.is_touched(keys, after=update.index):
            self._is_behind = True
        self._latest = update.shown.content
        if update.said:
            for each in self._tabs:
                each.send(update.said)
        self._welcome(update.index)
        self._refresh_later(update.shown)

    def _made(self, mesh: Mesh) -> Update:
        """In a thread of its own, so that no socket waits for it."""
        url = urlsplit(self.place.watch)
        shown = showing.show(
            self._making.facts, url.path, url.query, mesh=mesh, caller=self._caller
        )
        said = None
        if self._latest is not None and self._latest.version != shown.content.version:
            at = self._making.clock.at(mesh.index)
            news = difference(
                self._latest, shown.content, watch=self.place.echo, index=mesh.index, at=at
            )
            said = encoded(news)
        return Update(shown=shown, index=mesh.index, said=said)

    def _welcome(self, index: int) -> None:
        assert self._latest is not None, "a group that is not behind has been rendered"
        joining, self._joining = self._joining, {}
        if not joining:
            return
        latest, watch, at = self._latest, self.place.echo, self._making.clock.at(index)
        same = encoded(News(index=index, at=at, watch=watch, version=latest.version))
        other = None
        for each, version in joining.items():
            if version == latest.version:
                each.send(same)
            else:
                other = other or encoded(whole(latest, watch=watch, index=index, at=at))
                each.send(other)
            self._tabs[each] = None

    def _refresh_later(self, shown: Shown) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            self._refreshing = None
        if shown.refresh is not None:
            loop = asyncio.get_running_loop()
            self._refreshing = loop.call_later(shown.refresh.total_seconds(), self._refresh)

    def _refresh(self) -> None:
        self._is_behind = True
        self._soon()

    def _fail(self) -> None:
        """Who connects again has it tried again."""
        self._is_behind = True
        for each in (*self._tabs, *self._joining):
            each.close(tab.FAILED, "the page cannot be rendered")
