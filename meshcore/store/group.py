"""Group commit: many callers, one transaction.

A commit waits for the disk, a third of a millisecond here, whether it carries one action or five
hundred. So while one group commits, the next one gathers, and nobody waits for a turn of his own.

Worked example. The mesh is at 41 when the writer takes three jobs from the queue:

    register web-1    runs on mesh 41: two changes                   -> entry 42, mesh 42
    delete  api-7     runs on mesh 42: refused, there is no api-7    -> its caller alone hears of it
    register web-1    runs on mesh 42: equal to what is there        -> no entry, answered with 42
    register web-2    runs on mesh 42: two changes                   -> entry 43, mesh 43

Entries 42 and 43 and the counter go to the log in one transaction. After its commit the process
shows mesh 43, wakes who watches web, and answers all four. If the commit fails, the process goes on
showing mesh 41, as if none of the four had come: nobody outside this thread has seen 42 or 43.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec.structs import replace

from meshcore.lib.errors import InvalidError, MeshError
from meshcore.mesh.apply import marked, placed, put
from meshcore.mesh.encoding import decode_outcomes, encode_changes
from meshcore.mesh.types import Change, Key, Mesh, Topic, WatchKey
from meshcore.store.log import Entry, Row
from meshcore.store.types import Action, Written

logger = logging.getLogger(__name__)

LONGEST_KEY = 400  # characters; what PostgreSQL can index is bounded

Outcome = Written | Exception


class Ask(Protocol):
    """What a group needs of a job; without an action it only asks for the mesh."""

    @property
    def action(self) -> Action | None: ...
    @property
    def actor(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Progress(msgspec.Struct):
    """How far a transaction has come, seen by nobody until it is committed."""

    mesh: Mesh
    touched: dict[WatchKey, int] = msgspec.field(default_factory=dict)
    changed: dict[tuple[Topic, Key], int] = msgspec.field(default_factory=dict)
    entries: list[Entry] = msgspec.field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.apply(entry.changes, index=entry.index)

    def apply(self, changes: Iterable[Change], *, index: int) -> None:
        self.mesh, touched = placed(self.mesh, changes, index=index)
        self.touched.update(dict.fromkeys(touched, index))
        for change in changes:
            self.changed[change.topic, change.key] = index

    def replay(self, text: str, *, index: int) -> None:
        """Take on an entry of which nobody is to be told, as it is in the log."""
        for topic, key, value in decode_outcomes(text):
            self.mesh = put(self.mesh, topic, key, value, index=index)
            self.changed[topic, key] = index
        self.mesh = replace(self.mesh, index=index)

    def finish(self) -> None:
        """Mark what was touched; once for all entries, which share most of their keys."""
        if self.touched:
            self.mesh = marked(self.mesh, self.touched)


def run(
    progress: Progress, asks: Iterable[Ask], *, at: datetime
) -> tuple[list[Outcome], list[Row]]:
    """Run each action on the mesh that the former left."""
    outcomes: list[Outcome] = []
    rows: list[Row] = []
    for ask in asks:
        try:
            written, text = attempt(progress, ask.action)
        except MeshError as refusal:
            outcomes.append(refusal)
            continue
        except Exception as failure:  # a bug in one action must not cost the others
            logger.error("an action of %s failed", ask.actor, exc_info=failure)
            outcomes.append(failure)
            continue
        outcomes.append(written)
        if text:
            entry = Entry(
                index=written.index,
                at=at,
                actor=storable(ask.actor),
                reason=storable(ask.reason),
                changes=written.changes,
            )
            progress.entries.append(entry)
            rows.append(Row(entry, text))
    return outcomes, rows


def attempt(progress: Progress, action: Action | None) -> tuple[Written, str]:
    """Return what the action wrote and its JSON; nothing is taken on if any of it fails."""
    changes = tuple(action(progress.mesh)) if action else ()
    if not changes:
        return Written(progress.mesh.index, (), progress.mesh), ""
    require_short_keys(changes)
    text = encode_changes(changes).decode()
    index = progress.mesh.index + 1
    progress.apply(changes, index=index)
    return Written(index, changes, progress.mesh), text


def require_short_keys(changes: Sequence[Change]) -> None:
    for change in changes:
        if sum(map(len, change.key)) > LONGEST_KEY:
            raise InvalidError(
                f"the name of this {change.topic} is too long:"
                f" all of its parts have {LONGEST_KEY} characters at most"
            )


def storable(text: str) -> str:
    """Replace what a database refuses in a text: one bad reason would fail the whole group."""
    if text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
