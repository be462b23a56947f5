"""How a token, a policy or whatever else of the ACL came to be what it is."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from dashboard.pages import PageRequest
from meshcore.actions.details import details
from meshcore.actions.plan import Difference
from meshcore.mesh.types import Change, Topic, Value
from meshcore.store.history import Wanted

SHOWN = 10


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """As one write left it; `value` is None where that write deleted it."""

    index: int
    at: datetime
    actor: str
    reason: str
    verb: str
    value: Value | None
    differences: tuple[Difference, ...]


def versions(request: PageRequest, topic: Topic, key: str) -> list[Version]:
    """Newest first. Whoever sees the page may read ACLs, and so all of its versions."""
    found = request.facts.history.older(
        Wanted(topics=frozenset((topic,)), name=key),
        before=request.mesh.index + 1,
        limit=SHOWN,
        may_see=lambda change: (change.topic, change.key) == (topic, (key,)),
    )
    return [
        Version(
            index=entry.index,
            at=entry.at,
            actor=entry.actor,
            reason=entry.reason,
            verb=verb(change),
            value=change.after,
            differences=tuple(told(change)),
        )
        for entry in found.entries
        for change in entry.changes
    ]


def verb(change: Change) -> str:
    if change.before is None:
        return "created"
    return "changed" if change.after is not None else "deleted"


def told(change: Change) -> Iterator[Difference]:
    """Of what was changed alone: the page itself says what was created."""
    return iter(details(change) if change.before is not None and change.after is not None else ())
