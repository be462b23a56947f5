from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from meshcore.actions import certificates as actions
from meshcore.actions.certificates import Issued
from meshcore.certificates import authority, sealing, signing
from meshcore.certificates.rotation import Activate, Prepare, Prune
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf, Lifetimes, Root, Trouble, Trust
from meshcore.lib.errors import ConflictError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = sealing.parse(sealing.generate())
TRUST = Trust(cluster_id="11111111-2222-3333-4444-555555555555")
LIFETIMES = Lifetimes()


def new_root(*, at: datetime = NOW) -> Root:
    return authority.new_root(
        trust_domain=TRUST.trust_domain,
        name="root",
        now=at,
        lifetimes=LIFETIMES,
        sealing_key=KEY,
    )


def new_leaf(root: Root, service: str = "web") -> Leaf:
    identity = ServiceId(trust_domain=TRUST.trust_domain, datacenter="dc1", service=service)
    signer = authority.load(root, trusted=[root], keys=[KEY])
    return signing.issue(identity, authority=signer, now=NOW, lifetimes=LIFETIMES, sealing_key=KEY)


def put(mesh: Mesh, leaf: Leaf, *, replacing: str | None) -> Iterator[Change]:
    return actions.put_leaves(mesh, (Issued("agent:web", leaf, replacing),))


def without_secrets(leaf: Leaf) -> Leaf:
    return msgspec.structs.replace(leaf, certificate_pem="", sealed_key=None)


def mesh_with(*roots: Root) -> Mesh:
    changes = [Change(Topic.TRUST, (), None, TRUST)]
    changes += [Change(Topic.ROOT, (root.id,), None, root) for root in roots]
    return apply(Mesh(), changes, index=1)


ROOT = new_root()
ACTIVE = msgspec.structs.replace(ROOT, state="active", activated_at=NOW)
NEXT = new_root(at=NOW - timedelta(hours=1))


def test_the_first_cluster_id_stays_for_ever() -> None:
    other = Trust(cluster_id="66666666-7777-8888-9999-000000000000")
    assert list(actions.set_up(mesh_with(), other)) == []


def test_changed_lifetimes_are_taken_over_at_the_next_set_up() -> None:
    shorter = Lifetimes(leaf=timedelta(hours=24))
    expected = Trust(cluster_id=TRUST.cluster_id, lifetimes=shorter)
    asked = Trust(cluster_id="another", lifetimes=shorter)
    assert list(actions.set_up(mesh_with(), asked)) == [Change(Topic.TRUST, (), TRUST, expected)]


def test_lifetimes_that_were_set_stay_at_the_next_set_up() -> None:
    shorter = Lifetimes(leaf=timedelta(hours=24))
    (configured,) = actions.configure(mesh_with(), shorter)
    assert configured == Change(
        Topic.TRUST,
        (),
        TRUST,
        Trust(cluster_id=TRUST.cluster_id, lifetimes=shorter, are_lifetimes_set=True),
    )
    mesh = apply(mesh_with(), [configured], index=2)
    assert list(actions.set_up(mesh, Trust(cluster_id="another"))) == []
    assert list(actions.configure(mesh, shorter)) == []


def test_trouble_is_noted_once_and_taken_away() -> None:
    (noted,) = actions.note_trouble(mesh_with(), "the key is gone", now=NOW)
    assert isinstance(noted.after, Trust)
    assert noted.after.trouble == Trouble(NOW, "the key is gone")
    mesh = apply(mesh_with(), [noted], index=2)
    assert list(actions.note_trouble(mesh, "the key is gone", now=NOW + timedelta(1))) == []
    assert [c.after for c in actions.note_trouble(mesh, "", now=NOW)] == [TRUST]


def test_root_of_the_settings_is_remembered() -> None:
    (settled,) = actions.settle_root(mesh_with(), ROOT.id)
    assert settled.after == msgspec.structs.replace(TRUST, settled_root=ROOT.id)
    assert list(actions.settle_root(apply(mesh_with(), [settled], index=2), ROOT.id)) == []


def test_of_two_processes_that_make_the_first_root_one_wins() -> None:
    step = Prepare("first", None)
    mesh = apply(mesh_with(), actions.prepare(mesh_with(), ROOT, step=step), index=2)
    assert mesh.certificates.root(ROOT.id) == ROOT
    assert list(actions.prepare(mesh, NEXT, step=step)) == []


def test_a_root_vouched_for_by_one_that_no_longer_signs_is_not_taken() -> None:
    mesh = mesh_with(ACTIVE)
    assert list(actions.prepare(mesh, NEXT, step=Prepare("ending", "another"))) == []
    assert list(actions.prepare(mesh, NEXT, step=Prepare("ending", ACTIVE.id))) == [
        Change(Topic.ROOT, (NEXT.id,), None, NEXT)
    ]


def test_activation_retires_the_root_that_signed_until_now() -> None:
    later = NOW + timedelta(days=2)
    changes = actions.activate(mesh_with(ACTIVE, NEXT), Activate(NEXT.id), now=later)
    assert {change.key: change.after for change in changes} == {
        (NEXT.id,): msgspec.structs.replace(NEXT, state="active", activated_at=later),
        (ACTIVE.id,): msgspec.structs.replace(ACTIVE, state="retiring", retired_at=later),
    }


def test_a_step_that_another_process_has_taken_changes_nothing() -> None:
    mesh = mesh_with(ACTIVE)
    assert list(actions.activate(mesh, Activate(ACTIVE.id), now=NOW)) == []
    assert list(actions.prune(mesh, Prune(ACTIVE.id))) == []
    assert list(actions.prune(mesh, Prune("gone"))) == []


def test_a_retired_root_is_pruned() -> None:
    retired = msgspec.structs.replace(ROOT, state="retiring", retired_at=NOW)
    assert list(actions.prune(mesh_with(retired), Prune(ROOT.id))) == [
        Change(Topic.ROOT, (ROOT.id,), retired, None)
    ]


def test_of_two_renewals_of_one_leaf_the_first_stays() -> None:
    first, second = new_leaf(ACTIVE), new_leaf(ACTIVE)
    mesh = mesh_with(ACTIVE)
    mesh = apply(mesh, put(mesh, first, replacing=None), index=2)
    assert mesh.certificates.leaf("agent:web") == first
    assert list(put(mesh, second, replacing=None)) == []
    assert list(put(mesh, second, replacing=first.serial)) == [
        Change(Topic.LEAF, ("agent:web",), without_secrets(first), second)
    ]


def test_a_leaf_of_a_root_that_is_pruned_meanwhile_is_refused() -> None:
    with pytest.raises(ConflictError, match=f"root {NEXT.id} is gone since it signed for web"):
        list(put(mesh_with(ACTIVE), new_leaf(NEXT), replacing=None))


def test_only_leaves_that_are_there_can_be_forgotten() -> None:
    leaf = new_leaf(ACTIVE)
    mesh = mesh_with(ACTIVE)
    mesh = apply(mesh, [Change(Topic.LEAF, ("agent:web",), None, leaf)], index=2)
    assert list(actions.forget_leaves(mesh, frozenset({"agent:web", "agent:api"}))) == [
        Change(Topic.LEAF, ("agent:web",), without_secrets(leaf), None)
    ]
