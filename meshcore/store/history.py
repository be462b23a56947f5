"""The log for people to read: what changed, newest first, as far as the reader may see it.

The newest entries are searched in memory. What is older is read from the database, backwards and a
bounded part of it at once: who looks for what is rare is told how far was looked, and may go on.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import msgspec
from django.db import connections
from django.db.models import QuerySet
from msgspec.structs import replace

from meshcore.actions.concerning import names
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Change, Topic
from meshcore.models.log import LogEntry
from meshcore.store.log import Entry, entry_of
from meshcore.store.store import Store

LONGEST_PAGE = 1000
LARGEST_INDEX = 2**63 - 1  # what a database can be asked for
MOST_READ = 20_000  # entries read from the database for one page
BATCH = 500

MaySee = Callable[[Change], bool]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry must have; what is empty asks for nothing."""

    topics: frozenset[Topic] = frozenset()
    name: str = ""  # exactly, of whatever one of its changes is about
    actor: str = ""  # a part of it, as of the reason; in any case of letters
    reason: str = ""
    not_by: frozenset[str] = frozenset()  # actors, exactly
    since: datetime | None = None
    until: datetime | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the index from which to look further back, None at the beginning of the log."""

    entries: tuple[Entry, ...]
    before: int | None
    looked_back_to: datetime | None
    is_filtered: bool  # the reader may not see all of what was found


EVERYTHING = Wanted()


class Look(msgspec.Struct, frozen=True):
    """One entry that was looked at; it is None where its text alone said that it is not wanted."""

    index: int
    at: datetime
    entry: Entry | None


class History:
    def __init__(self, store: Store, *, alias: str = "default") -> None:
        self._store = store
        self._alias = alias

    def recent(
        self, wanted: Wanted = EVERYTHING, *, upto: int, limit: int, may_see: MaySee
    ) -> Found:
        """Those that are in memory, up to the index of the reader's mesh."""
        looks = (
            Look(entry.index, entry.at, entry)
            for entry in self._store.recent.newest_first()
            if entry.index <= upto
        )
        return page(looks, wanted, limit=limit, may_see=may_see)

    def older(
        self, wanted: Wanted = EVERYTHING, *, before: int, limit: int, may_see: MaySee
    ) -> Found:
        """Those before this index, from the database: for a thread, not for an event loop."""
        try:
            looks = self._looks(wanted, before=before)
            return page(looks, wanted, limit=min(limit, LONGEST_PAGE), may_see=may_see)
        finally:
            connections[self._alias].close()  # this thread may never come here again

    def entry(self, index: int, *, may_see: MaySee) -> Entry:
        """Raise NotFoundError, also where the reader may see nothing of it."""
        if index > LARGEST_INDEX:
            raise NotFoundError(f"there is no change {index}")
        recent = (entry for entry in self._store.recent.newest_first() if entry.index == index)
        entry = next(recent, None) or self._older_entry(index)
        seen = visible(entry, may_see) if entry else None
        if seen is None or not seen.changes:
            raise NotFoundError(f"there is no change {index}")
        return seen

    def _older_entry(self, index: int) -> Entry | None:
        try:
            row = self._rows.filter(index=index).first()
        finally:
            connections[self._alias].close()
        return entry_of(row) if row else None

    @property
    def _rows(self) -> QuerySet[LogEntry]:
        return LogEntry.objects.using(self._alias)

    def _looks(self, wanted: Wanted, *, before: int) -> Iterator[Look]:
        if wanted.until is not None:
            before = self._first_after(wanted.until, below=before)
        for _ in range(MOST_READ // BATCH):
            rows = self._rows.filter(index__lt=before).order_by("-index")[:BATCH]
            for row in rows:
                before = row.index
                is_possible = may_hold(row.changes, wanted)
                yield Look(row.index, row.at, entry_of(row) if is_possible else None)
            if len(rows) < BATCH:
                return

    def _first_after(self, moment: datetime, *, below: int) -> int:
        """Find the index by halves: there is no index on the times, but they follow the numbers."""
        low, high = 1, below
        while low < high:
            middle = (low + high) // 2
            at = self._rows.filter(index=middle).values_list("at", flat=True).first()
            if at is not None and at > moment:
                high = middle
            else:
                low = middle + 1
        return low


def page(looks: Iterable[Look], wanted: Wanted, *, limit: int, may_see: MaySee) -> Found:
    chosen: list[Entry] = []
    is_filtered = False
    last: Look | None = None
    for last in looks:
        if wanted.since is not None and last.at < wanted.since:
            last = None  # and nothing before it is wanted
            break
        if last.entry is None:
            continue
        seen = visible(last.entry, may_see)
        is_filtered = is_filtered or seen.hidden > 0
        if is_wanted(seen, wanted):
            chosen.append(seen)
            if len(chosen) == limit:
                break
    return Found(
        entries=tuple(chosen),
        before=last.index if last is not None and last.index > 1 else None,
        looked_back_to=last.at if last is not None else None,
        is_filtered=is_filtered,
    )


def visible(entry: Entry, may_see: MaySee) -> Entry:
    changes = tuple(change for change in entry.changes if may_see(change))
    hidden = len(entry.changes) - len(changes)
    return replace(entry, changes=changes, hidden=hidden) if hidden else entry


def is_wanted(seen: Entry, wanted: Wanted) -> bool:
    """Judge by what the reader sees: what is hidden from him must not be found by its name."""
    if wanted.until is not None and seen.at > wanted.until:
        return False
    if seen.actor in wanted.not_by or wanted.actor.casefold() not in seen.actor.casefold():
        return False
    if wanted.reason.casefold() not in seen.reason.casefold():
        return False
    return any(
        (not wanted.topics or change.topic in wanted.topics)
        and (not wanted.name or wanted.name in names(change))
        for change in seen.changes
    )


def may_hold(text: str, wanted: Wanted) -> bool:
    """Whether the changes, as they are kept, are worth decoding."""
    if wanted.topics and not any(f'"{topic}"' in text for topic in wanted.topics):
        return False
    return not wanted.name or msgspec.json.encode(wanted.name).decode() in text
