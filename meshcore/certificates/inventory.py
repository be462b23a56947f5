"""All certificates as people look at them: how far each has come in its life, and what is wrong.

A leaf is well until it is past the share of its life in which it is renewed; from there on nobody
has renewed it, and it is a warning until it has ended. A root is well while its successor can still
be prepared in time.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from meshcore.certificates import rotation
from meshcore.certificates.holders import Holder, holder
from meshcore.certificates.types import Leaf, Lifetimes, Root, RootState
from meshcore.certificates.view import Certificates

Severity = Literal["passing", "warning", "critical"]
ORDER: tuple[Severity, ...] = ("critical", "warning", "passing")

NOTHING = timedelta()
LATE = timedelta(minutes=5)  # that a step may be late before it is said


class Life(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`used` is the share of it that is over, between 0 and 1; `warning` a sentence, or nothing."""

    not_before: datetime
    not_after: datetime
    remaining: timedelta
    used: float
    severity: Severity = "passing"
    warning: str = ""


class KnownRoot(msgspec.Struct, frozen=True, kw_only=True):
    """`next_at` is when it is to be activated, succeeded or pruned, whichever follows its state."""

    id: str
    name: str
    state: RootState
    is_given: bool
    serial: int
    signing_key_id: str
    trust_domain: str
    prepared_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None
    next_at: datetime
    cross_signed_by: str | None
    leaves: int
    life: Life


class HeldLeaf(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`root_state` is None when the root that signed it is trusted no more."""

    key: str
    holder: Holder
    service: str
    spiffe_id: str
    serial: str
    root_id: str
    root_state: RootState | None
    renews_at: datetime
    life: Life


class Inventory(msgspec.Struct, frozen=True):
    """Roots newest first, leaves by what is wrong and then by who ends first."""

    roots: tuple[KnownRoot, ...]
    leaves: tuple[HeldLeaf, ...]


def inventory(certificates: Certificates, *, now: datetime) -> Inventory:
    leaves = sorted(held_leaves(certificates, now=now), key=urgency)
    return Inventory(known_roots(certificates, now=now), tuple(leaves))


def known_roots(certificates: Certificates, *, now: datetime) -> tuple[KnownRoot, ...]:
    roots = certificates.trusted_roots()
    signed = Counter(record.value.root_id for record in certificates.leaves.values())
    lifetimes = certificates.trust.value.lifetimes if certificates.trust else Lifetimes()
    successor = next((root for root in roots if root.state == "prepared"), None)
    return tuple(
        known(root, lifetimes, now=now, leaves=signed[root.id], successor=successor)
        for root in roots
    )


def held_leaves(certificates: Certificates, *, now: datetime) -> Iterator[HeldLeaf]:
    """In no order: who shows a part of thousands sorts by something else."""
    roots = {root.id: root for root in certificates.trusted_roots()}
    active, spread = certificates.active_root(), rotation.spread_over(len(certificates.leaves))
    for key, record in certificates.leaves.items():
        leaf = record.value
        root = roots.get(leaf.root_id)
        yield _held(key, leaf, root, active=active, spread=spread, now=now)


class Tally(msgspec.Struct, frozen=True):
    """How many leaves are how well, and when the first of them ends."""

    leaves: Counter[Severity]
    first_end: datetime | None


def tally(certificates: Certificates, *, now: datetime) -> Tally:
    """What of the inventory is counted alone: a tenth of the work."""
    roots = {root.id: root for root in certificates.trusted_roots()}
    leaves: Counter[Severity] = Counter()
    first: datetime | None = None
    for record in certificates.leaves.values():
        leaf = record.value
        severity, _ = _of_leaf(leaf, roots.get(leaf.root_id), now=now)
        leaves[severity] += 1
        if first is None or leaf.not_after < first:
            first = leaf.not_after
    return Tally(leaves, first)


def urgency(leaf: HeldLeaf) -> tuple[int, datetime, str]:
    return ORDER.index(leaf.life.severity), leaf.life.not_after, leaf.key


def leaves_of(certificates: Certificates, service: str, *, now: datetime) -> list[HeldLeaf]:
    """Those of one service: there may be thousands of others."""
    own = (
        held(key, record.value, certificates, now=now)
        for key, record in certificates.leaves.items()
        if record.value.service == service
    )
    return sorted(own, key=urgency)


def held(key: str, leaf: Leaf, certificates: Certificates, *, now: datetime) -> HeldLeaf:
    root, active = certificates.root(leaf.root_id), certificates.active_root()
    spread = rotation.spread_over(len(certificates.leaves))
    return _held(key, leaf, root, active=active, spread=spread, now=now)


def _held(
    key: str,
    leaf: Leaf,
    root: Root | None,
    *,
    active: Root | None,
    spread: timedelta,
    now: datetime,
) -> HeldLeaf:
    """`root` is the one that signed it, where that is still trusted."""
    renews_at = (
        rotation.renewal(leaf, active=active, spread=spread).at if active else leaf.not_after
    )
    severity, warning = _of_leaf(leaf, root, now=now)
    return HeldLeaf(
        key=key,
        holder=holder(key),
        service=leaf.service,
        spiffe_id=leaf.spiffe_id,
        serial=leaf.serial,
        root_id=leaf.root_id,
        root_state=root.state if root else None,
        renews_at=renews_at,
        life=_life(leaf, now=now, severity=severity, warning=warning),
    )


def known(
    root: Root, lifetimes: Lifetimes, *, now: datetime, leaves: int, successor: Root | None
) -> KnownRoot:
    severity, warning = _of_root(root, lifetimes, now=now, is_succeeded=successor is not None)
    return KnownRoot(
        id=root.id,
        name=root.name,
        state=root.state,
        is_given=root.is_given,
        serial=root.serial,
        signing_key_id=root.signing_key_id,
        trust_domain=root.trust_domain,
        prepared_at=root.prepared_at,
        activated_at=root.activated_at,
        retired_at=root.retired_at,
        next_at=_next_at(root, lifetimes, successor=successor),
        cross_signed_by=root.cross_signed_by,
        leaves=leaves,
        life=_life(root, now=now, severity=severity, warning=warning),
    )


def _next_at(root: Root, lifetimes: Lifetimes, *, successor: Root | None) -> datetime:
    if root.state == "active" and successor is None:
        return rotation.succession_at(root, lifetimes)
    if root.state in ("prepared", "active"):
        return (successor or root).prepared_at + lifetimes.overlap
    return rotation.pruned_at(root, lifetimes)


def _of_leaf(leaf: Leaf, root: Root | None, *, now: datetime) -> tuple[Severity, str]:
    if now >= leaf.not_after:
        return "critical", "It has ended, and nobody has renewed it."
    if root is None:
        return "critical", "The root that signed it is trusted no more."
    if now >= rotation.renewal_closes_at(leaf.not_before, leaf.not_after):
        return "warning", "It was to be renewed before now."
    return "passing", ""


def _of_root(
    root: Root, lifetimes: Lifetimes, *, now: datetime, is_succeeded: bool
) -> tuple[Severity, str]:
    if root.state == "retiring":
        return "passing", ""
    if now >= root.not_after:
        return "critical", "It has ended: nothing that it signed is accepted."
    if root.state == "prepared":
        if now > root.prepared_at + lifetimes.overlap + LATE:
            return "warning", "It was to sign before now: see what keeps the servers from it."
        return "passing", ""
    if is_succeeded:
        return "passing", ""
    if now + lifetimes.leaf > root.not_after:
        return "critical", "It ends before a leaf that is signed now, and no successor is prepared."
    if now > rotation.succession_at(root, lifetimes) + LATE:
        if root.is_given:
            return "warning", "It was given: give its successor, with `tulle ca rotate`."
        return "warning", "Its successor was to be prepared before now."
    return "passing", ""


def _life(certificate: Root | Leaf, *, now: datetime, severity: Severity, warning: str) -> Life:
    whole = certificate.not_after - certificate.not_before
    used = (now - certificate.not_before) / whole if whole else 1.0
    return Life(
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        remaining=certificate.not_after - now if now < certificate.not_after else NOTHING,
        used=used if 0 <= used <= 1 else float(used > 1),
        severity=severity,
        warning=warning,
    )
