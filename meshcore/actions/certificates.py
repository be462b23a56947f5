"""Writes of the certificate authority: its set-up, the steps of a rotation, leaves."""

from collections.abc import Iterator
from datetime import datetime

from meshcore.certificates import rotation
from meshcore.certificates.rotation import Activate, Prepare, Prune
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.lib.errors import ConflictError
from meshcore.mesh.types import Change, Mesh, Topic


def set_up(mesh: Mesh, trust: Trust) -> Iterator[Change]:
    """Keep the first cluster id there ever was; take lifetimes and trust domain as they are now."""
    before = mesh.certificates.trust.value if mesh.certificates.trust else None
    if before is not None:
        trust = Trust(
            cluster_id=before.cluster_id, lifetimes=trust.lifetimes, own_domain=before.own_domain
        )
    if trust != before:
        yield Change(Topic.TRUST, (), before, trust)


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


def put_leaf(mesh: Mesh, key: str, leaf: Leaf, *, replacing: str | None) -> Iterator[Change]:
    """`replacing` is the serial that the caller has seen; a newer one is left in force."""
    before = mesh.certificates.leaf(key)
    if (before.serial if before else None) != replacing:
        return
    if mesh.certificates.root(leaf.root_id) is None:
        raise ConflictError(f"root {leaf.root_id} is gone since it signed for {leaf.service}")
    yield Change(Topic.LEAF, (key,), before, leaf)


def forget_leaves(mesh: Mesh, keys: frozenset[str]) -> Iterator[Change]:
    """Drop leaves that nobody is there to use."""
    for key in sorted(keys):
        if leaf := mesh.certificates.leaf(key):
            yield Change(Topic.LEAF, (key,), leaf, None)
