"""Who has changed which intentions, as far as the newest entries of the log tell."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from dashboard.facts import Log
from dashboard.intentions.merging import by_identity, parts
from meshcore.actions.permissions import to_read
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.types import Change, Topic
from meshcore.store.callers import Caller
from meshcore.store.history import Wanted
from meshcore.store.log import Entry

MOST_ENTRIES = 1000
INTENTIONS = frozenset({Topic.INTENTIONS})

Pair = tuple[str, str]  # source and destination


class Author(msgspec.Struct, frozen=True):
    actor: str
    at: datetime
    reason: str


def last_actors(log: Log, caller: Caller, *, upto: int) -> dict[Pair, str]:
    """Who changed each intention last."""
    actors: dict[Pair, str] = {}
    for entry in newest(log, caller, Wanted(topics=INTENTIONS), upto=upto):
        for pair in changed_pairs(entry):
            actors.setdefault(pair, entry.actor)
    return actors


def authors_since(
    log: Log, caller: Caller, destination: str, *, index: int, upto: int
) -> tuple[Author, ...]:
    """Who wrote the intentions toward the destination after this index, the last one first."""
    wanted = Wanted(topics=INTENTIONS, name=destination)
    return tuple(
        Author(entry.actor, entry.at, entry.reason)
        for entry in newest(log, caller, wanted, upto=upto)
        if entry.index > index and any(change.key == (destination,) for change in entry.changes)
    )


def newest(log: Log, caller: Caller, wanted: Wanted, *, upto: int) -> tuple[Entry, ...]:
    found = log.recent(
        wanted, upto=upto, limit=MOST_ENTRIES, may_see=lambda change: may_see(caller, change)
    )
    return found.entries


def may_see(caller: Caller, change: Change) -> bool:
    return all(caller.may(rule.kind, rule.access, rule.segment) for rule in to_read(change))


def changed_pairs(entry: Entry) -> Iterator[Pair]:
    for change in entry.changes:
        before, after = change.before, change.after
        if not isinstance(before or after, ServiceIntentions):
            continue
        assert before is None or isinstance(before, ServiceIntentions)
        assert after is None or isinstance(after, ServiceIntentions)
        was, is_now = by_identity(before), by_identity(after)
        for identity, intention in is_now.items():
            if parts(was.get(identity)) != parts(intention):
                yield intention.source, intention.destination
