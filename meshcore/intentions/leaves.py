"""The names of the places where a call can be decided.

They come back from Envoy in its logs and counters, and name there what decided:

    web>db@7         the intention from web to db, as it was last changed at index 7
    *>db@7           the one from any source
    web>db@7#0       its first permission
    web>db@7#none    it has permissions, and the request met none: the default policy decided
    web>db@7#tcp     it has permissions, and db speaks no HTTP: denied
    default>db       no intention covers the call: the default policy decided
"""

import msgspec

from meshcore.intentions.types import WILDCARD, Intention

NONE = "none"
TCP = "tcp"


class Leaf(msgspec.Struct, frozen=True):
    name: str
    allow: bool


def named(intention: Intention, place: int | str | None = None) -> str:
    suffix = "" if place is None else f"#{place}"
    return f"{intention.source}>{intention.destination}@{intention.revision}{suffix}"


def by_action(intention: Intention) -> Leaf:
    return Leaf(named(intention), intention.action == "allow")


def by_permission(intention: Intention, index: int) -> Leaf:
    return Leaf(named(intention, index), intention.permissions[index].action == "allow")


def by_no_permission(intention: Intention, *, default_allow: bool) -> Leaf:
    return Leaf(named(intention, NONE), default_allow)


def without_http(intention: Intention) -> Leaf:
    return Leaf(named(intention, TCP), allow=False)


def by_default(destination: str, *, default_allow: bool) -> Leaf:
    return Leaf(f"default>{destination}", default_allow)


def deciding(leaf: str, destination: str) -> tuple[str, str] | None:
    """Return the ends of the intention that a leaf of this destination's belongs to.

    None is the default policy, or a name that is no leaf's.
    """
    ends, at, _ = leaf.rpartition("@")
    for named_destination in (destination, WILDCARD):
        if at and ends.endswith(f">{named_destination}"):
            return ends[: -len(named_destination) - 1], named_destination
    return None
