"""When certificates are replaced: decisions on what there is and the time, nothing else.

A root lives through three states. It is *prepared*: made, vouched for by the active root, and given
to every verifier, while it signs nothing. After the overlap it becomes *active*: leaves are signed
with it from now on, those of the old root are signed again within moments, and all carry the old
root's voucher for clients that have not heard. The old root is *retiring*: trusted for two leaf
lifetimes more, then pruned. With leaves of 72 h and an overlap of 5 min:

    day 3285, 0:00   root A is near its end    -> Prepare, vouched for by A      trusted: A, B
    day 3285, 0:05   everyone has heard of B   -> Activate B, retire A           trusted: B, A
    day 3291, 0:05   2 x 72 h later            -> Prune A                        trusted: B

A root that an operator has given is succeeded by none but one that is given or asked for: whoever
brings a root of his own has others who trust it, and would not trust one that we make.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from meshcore.certificates.types import Leaf, Lifetimes, Root
from meshcore.lib.errors import ConflictError

RENEWAL_OPENS = 0.6  # of a leaf's life, as in Consul
RENEWAL_CLOSES = 0.9
ROOT_IS_OLD = 0.9
SPREAD = timedelta(seconds=30)  # over which a new root's leaves are signed again, at the most
LEAVES_PER_S = 2_000  # of a new root, where there are few enough to be through before that
NEVER = datetime.max.replace(tzinfo=UTC)


class Prepare(NamedTuple):
    """Make a root; `vouched_for_by` is None when no root is there that clients could know."""

    reason: Literal["first", "ending", "ended", "asked"]
    vouched_for_by: str | None


class Activate(NamedTuple):
    root_id: str


class Prune(NamedTuple):
    root_id: str


class Wait(NamedTuple):
    """Nothing is due before then."""

    until: datetime


class Renewal(NamedTuple):
    at: datetime
    reason: Literal["age", "root"]


Step = Prepare | Activate | Prune | Wait


def next_step(roots: Iterable[Root], *, lifetimes: Lifetimes, now: datetime) -> Step:
    """What is to be done to the roots next; take it, and ask again until the answer is Wait."""
    known = sorted(roots, key=lambda root: (root.prepared_at, root.id))
    active = next((root for root in known if root.state == "active"), None)
    prepared = next((root for root in known if root.state == "prepared"), None)
    if active is None:
        return Activate(prepared.id) if prepared else Prepare("first", None)
    if prepared is None:
        succession = NEVER if active.is_given else succession_at(active, lifetimes)
        if now >= succession:
            is_over = now >= active.not_after
            return Prepare("ended", None) if is_over else Prepare("ending", active.id)
    else:
        # Once the active root is over there is nothing left to lose by being early.
        succession = min(prepared.prepared_at + lifetimes.overlap, active.not_after)
        if now >= succession:
            return Activate(prepared.id)
    prunings = {root.id: pruned_at(root, lifetimes) for root in known if root.state == "retiring"}
    due = next((root_id for root_id, at in prunings.items() if now >= at), None)
    return Prune(due) if due else Wait(min([succession, *prunings.values()]))


def succession_at(active: Root, lifetimes: Lifetimes) -> datetime:
    """When the next root is to be prepared: while leaves of full length still fit into this one."""
    old = active.not_before + (active.not_after - active.not_before) * ROOT_IS_OLD
    last_call = active.not_after - lifetimes.retirement - lifetimes.overlap
    return min(old, last_call)


def pruned_at(retiring: Root, lifetimes: Lifetimes) -> datetime:
    assert retiring.retired_at is not None, f"root {retiring.id} retires since no known moment"
    return min(retiring.retired_at + lifetimes.retirement, retiring.not_after)


def requested(roots: Iterable[Root], *, now: datetime, replaces_given: bool = False) -> Prepare:
    """The step that an operator's wish for a new root comes down to; one rotation at a time."""
    states = {root.state: root for root in roots}
    if prepared := states.get("prepared"):
        raise ConflictError(f"root {prepared.id} is prepared already and not active yet")
    active = states.get("active")
    if active is None:
        return Prepare("first", None)
    if active.is_given and not replaces_given:
        raise ConflictError(
            f"root {active.id} was given by an operator: give its successor"
            " (tulle ca rotate --root-cert FILE --private-key FILE), or say --generated for one"
            " that Tulle makes"
        )
    return Prepare("asked", active.id if now < active.not_after else None)


def activated(roots: Iterable[Root], *, root_id: str, now: datetime) -> Iterator[Root]:
    """Yield the roots that change when this one becomes active, the retiring one included."""
    for root in roots:
        if root.id == root_id:
            yield msgspec.structs.replace(root, state="active", activated_at=now)
        elif root.state == "active":
            yield msgspec.structs.replace(root, state="retiring", retired_at=now)


def renewal(leaf: Leaf, *, active: Root, spread: timedelta = SPREAD) -> Renewal:
    """When a leaf is to be replaced: the same in every process, and spread over all leaves.

    The moment follows from the serial, so a new leaf draws a new one.
    """
    by_age = Renewal(_by_age(leaf.serial, leaf.not_before, leaf.not_after), "age")
    if leaf.root_id == active.id:
        return by_age
    draw = _fraction(leaf.serial)
    by_root = Renewal((active.activated_at or active.not_before) + spread * draw, "root")
    return min(by_age, by_root)


@lru_cache(maxsize=32_768)  # those of a large mesh are asked for again and again
def _by_age(serial: str, not_before: datetime, not_after: datetime) -> datetime:
    age = RENEWAL_OPENS + (RENEWAL_CLOSES - RENEWAL_OPENS) * _fraction(serial)
    return not_before + (not_after - not_before) * age


@lru_cache(maxsize=32_768)
def renewal_closes_at(not_before: datetime, not_after: datetime) -> datetime:
    """From then on a leaf is late."""
    return not_before + (not_after - not_before) * RENEWAL_CLOSES


def spread_over(leaves: int) -> timedelta:
    """How long a new root's leaves are signed for: few of them need not wait for long."""
    return min(SPREAD, timedelta(seconds=leaves / LEAVES_PER_S))


def _fraction(serial: str) -> float:
    """A number in [0, 1) that is as good as random and the same for the same serial."""
    return int.from_bytes(hashlib.sha256(serial.encode()).digest()[:6], "big") / 2**48
