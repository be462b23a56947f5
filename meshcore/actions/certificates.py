"""Writes of the certificate authority: its set-up, the steps of a rotation, leaves."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from meshcore.certificates import rotation
from meshcore.certificates.rotation import Activate, Prepare, Prune
from meshcore.certificates.types import Leaf, Lifetimes, Root, Trouble, Trust
from meshcore.lib.errors import ConflictError
from meshcore.mesh.types import Change, Mesh, Topic


def set_up(mesh: Mesh, trust: Trust) -> Iterator[Change]:
    """Keep the first cluster id there ever was, and lifetimes that were set through the API."""
    before = mesh.certificates.trust.value if mesh.certificates.trust else None
    if before is not None:
        kept = before.lifetimes if before.are_lifetimes_set else trust.lifetimes
        trust = replace(before, lifetimes=kept)
    yield from _trust_changed(before, trust)


def configure(mesh: Mesh, lifetimes: Lifetimes) -> Iterator[Change]:
    """Let certificates that are made from now on live for so long."""
    before = _trust(mesh)
    if lifetimes != before.lifetimes:
        yield from _trust_changed(
            before, replace(before, lifetimes=lifetimes, are_lifetimes_set=True)
        )


def note_trouble(mesh: Mesh, text: str, *, now: datetime) -> Iterator[Change]:
    """Keep why certificates cannot be looked after; an empty text says that they can again."""
    before = _trust(mesh)
    if text != (before.trouble.text if before.trouble else ""):
        trouble = Trouble(since=now, text=text) if text else None
        yield from _trust_changed(before, replace(before, trouble=trouble))


def settle_root(mesh: Mesh, root_id: str) -> Iterator[Change]:
    """Remember that the root of the settings has been taken."""
    before = _trust(mesh)
    yield from _trust_changed(before, replace(before, settled_root=root_id))


def prepare(mesh: Mesh, root: Root, *, step: Prepare) -> Iterator[Change]:
    """Add a root, unless another process has done so since the step was decided."""
    known = [record.value for record in mesh.certificates.roots.values()]
    if any(other.state == "prepared" for other in known):
        return
    active = mesh.certificates.active_root()
    expected = step.vouched_for_by
    if active is not None and (step.reason == "first" or expected not in (None, active.id)):
        return
    yield Change(Topic.ROOT, (root.id,), None, root)


def activate(mesh: Mesh, step: Activate, *, now: datetime) -> Iterator[Change]:
    """Let the prepared root sign from now on, and retire the one that did."""
    prepared = mesh.certificates.root(step.root_id)
    if prepared is None or prepared.state != "prepared":
        return
    known = [record.value for record in mesh.certificates.roots.values()]
    for root in rotation.activated(known, root_id=step.root_id, now=now):
        yield Change(Topic.ROOT, (root.id,), mesh.certificates.root(root.id), root)


def prune(mesh: Mesh, step: Prune) -> Iterator[Change]:
    root = mesh.certificates.root(step.root_id)
    if root is not None and root.state == "retiring":
        yield Change(Topic.ROOT, (root.id,), root, None)


class Issued(NamedTuple):
    """`replacing` is the serial that the issuer has seen under this key; a newer one stays."""

    key: str
    leaf: Leaf
    replacing: str | None


def put_leaves(mesh: Mesh, issued: tuple[Issued, ...]) -> Iterator[Change]:
    for key, leaf, replacing in issued:
        before = mesh.certificates.leaf(key)
        if (before.serial if before else None) != replacing:
            continue
        if mesh.certificates.root(leaf.root_id) is None:
            raise ConflictError(f"root {leaf.root_id} is gone since it signed for {leaf.service}")
        yield Change(Topic.LEAF, (key,), _without_secrets(before), leaf)


def _without_secrets(leaf: Leaf | None) -> Leaf | None:
    """What the log keeps of a leaf that is replaced: most of one is its key and its chain."""
    return replace(leaf, certificate_pem="", sealed_key=None) if leaf else None


def forget_leaves(mesh: Mesh, keys: frozenset[str]) -> Iterator[Change]:
    """Drop leaves that nobody is there to use."""
    for key in sorted(keys):
        if leaf := mesh.certificates.leaf(key):
            yield Change(Topic.LEAF, (key,), _without_secrets(leaf), None)


def _trust(mesh: Mesh) -> Trust:
    if mesh.certificates.trust is None:
        raise ConflictError("the certificate authority is not set up yet")
    return mesh.certificates.trust.value


def _trust_changed(before: Trust | None, after: Trust) -> Iterator[Change]:
    if after != before:
        yield Change(Topic.TRUST, (), before, after)
