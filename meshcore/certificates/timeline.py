"""What happens to the roots and when, as far as it can be told from what there is now."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Literal

import msgspec

from meshcore.certificates import rotation
from meshcore.certificates.types import Lifetimes, Root
from meshcore.certificates.view import Certificates

What = Literal["prepared", "active", "retiring", "succeeded", "pruned", "ended", "renewed"]

WORDS: dict[tuple[What, bool], str] = {  # by whether it is yet to come
    ("prepared", False): "was prepared, and given to every verifier",
    ("active", False): "began to sign",
    ("active", True): "is to sign, from when every verifier has heard of it",
    ("retiring", False): "signed its last leaf",
    ("succeeded", True): "is to have its successor prepared",
    ("pruned", True): "is to be forgotten, when the last leaf that it signed has ended",
    ("ended", True): "ends; as it was given, its successor is to be given before",
    ("renewed", True): "renews the leaf that is due next",
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    what: What
    root_id: str
    name: str
    words: str
    is_ahead: bool


def timeline(
    certificates: Certificates, *, now: datetime, first_renewal: datetime | None
) -> tuple[Event, ...]:
    """In the order of time, what has been and what is to come of the roots that are trusted.

    `first_renewal` is of the leaf that is renewed next; of some thousands it takes a while to find.
    """
    if certificates.trust is None:
        return ()
    lifetimes = certificates.trust.value.lifetimes
    events = [
        event
        for root in certificates.trusted_roots()
        for event in (*_behind(root), *_ahead(root, lifetimes, certificates))
    ]
    active = certificates.active_root()
    if first_renewal is not None and active is not None:
        events.append(_event(active, max(first_renewal, now), "renewed", is_ahead=True))
    return tuple(sorted(events, key=attrgetter("at", "is_ahead", "root_id")))


def _behind(root: Root) -> Iterator[Event]:
    yield _event(root, root.prepared_at, "prepared", is_ahead=False)
    if root.activated_at is not None:
        yield _event(root, root.activated_at, "active", is_ahead=False)
    if root.retired_at is not None:
        yield _event(root, root.retired_at, "retiring", is_ahead=False)


def _ahead(root: Root, lifetimes: Lifetimes, certificates: Certificates) -> Iterator[Event]:
    if root.state == "prepared":
        yield _event(root, root.prepared_at + lifetimes.overlap, "active", is_ahead=True)
    if root.state == "retiring":
        yield _event(root, rotation.pruned_at(root, lifetimes), "pruned", is_ahead=True)
    if root.state == "active":
        is_succeeded = any(other.state == "prepared" for other in certificates.trusted_roots())
        if root.is_given:
            yield _event(root, root.not_after, "ended", is_ahead=True)
        elif not is_succeeded:
            at = rotation.succession_at(root, lifetimes)
            yield _event(root, at, "succeeded", is_ahead=True)


def next_renewal(certificates: Certificates) -> datetime | None:
    active, spread = certificates.active_root(), rotation.spread_over(len(certificates.leaves))
    if active is None:
        return None
    return min(
        (
            rotation.renewal(record.value, active=active, spread=spread).at
            for record in certificates.leaves.values()
        ),
        default=None,
    )


def _event(root: Root, at: datetime, what: What, *, is_ahead: bool) -> Event:
    return Event(
        at=at,
        what=what,
        root_id=root.id,
        name=root.name,
        words=WORDS[what, is_ahead],
        is_ahead=is_ahead,
    )
