from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from meshcore.certificates.holders import Holder, agent_leaf_key, holder, instance_leaf_key
from meshcore.certificates.inventory import (
    HeldLeaf,
    KnownRoot,
    Life,
    Severity,
    Tally,
    inventory,
    leaves_of,
    tally,
)
from meshcore.certificates.types import Leaf, Lifetimes, Root, RootState, Trust
from meshcore.certificates.view import Certificates
from meshcore.lib.records import Record

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIFETIMES = Lifetimes(leaf=10 * HOUR, root=1000 * HOUR, overlap=timedelta(minutes=5))
SPIFFE_ID = "spiffe://1234.consul/ns/default/dc/dc1/svc/web"
KEY = instance_leaf_key("node-1", "web-sidecar-proxy")


def a_root(root_id: str, state: RootState, *, retired: timedelta | None = None) -> Root:
    return Root(
        id=root_id,
        name=f"root {root_id}",
        serial=7,
        signing_key_id=f"key of {root_id}",
        trust_domain="1234.consul",
        certificate_pem="",
        sealed_key=b"",
        not_before=START,
        not_after=START + 1000 * HOUR,
        prepared_at=START,
        state=state,
        retired_at=None if retired is None else START + retired,
    )


def a_leaf(serial: str = "1", *, root_id: str = "a", lasts: timedelta = 10 * HOUR) -> Leaf:
    return Leaf(
        service="web",
        spiffe_id=SPIFFE_ID,
        serial=serial,
        certificate_pem="",
        sealed_key=b"",
        root_id=root_id,
        not_before=START,
        not_after=START + lasts,
    )


def certificates(*roots: Root, leaves: dict[str, Leaf] | None = None) -> Certificates:
    made = Certificates(trust=Record(Trust(cluster_id="1234", lifetimes=LIFETIMES), 1, 1))
    for root in roots:
        made = made.with_root(root.id, Record(root, 1, 1))
    for key, leaf in (leaves or {}).items():
        made = made.with_leaf(key, Record(leaf, 1, 1))
    return made


def test_leaf_and_its_root_are_shown_with_all_that_follows_from_the_time() -> None:
    known = inventory(
        certificates(a_root("a", "active"), leaves={KEY: a_leaf()}), now=START + 4 * HOUR
    )
    (leaf,) = known.leaves
    assert START + 6 * HOUR <= leaf.renews_at <= START + 9 * HOUR
    assert leaf == HeldLeaf(
        key=KEY,
        holder=Holder("node-1", "web-sidecar-proxy"),
        service="web",
        spiffe_id=SPIFFE_ID,
        serial="1",
        root_id="a",
        root_state="active",
        renews_at=leaf.renews_at,
        life=Life(not_before=START, not_after=START + 10 * HOUR, remaining=6 * HOUR, used=0.4),
    )
    assert known.roots == (
        KnownRoot(
            id="a",
            name="root a",
            state="active",
            is_given=False,
            serial=7,
            signing_key_id="key of a",
            trust_domain="1234.consul",
            prepared_at=START,
            activated_at=None,
            retired_at=None,
            next_at=START + 900 * HOUR,
            cross_signed_by=None,
            leaves=1,
            life=Life(
                not_before=START, not_after=START + 1000 * HOUR, remaining=996 * HOUR, used=0.004
            ),
        ),
    )


@pytest.mark.parametrize(
    ("at", "root_id", "severity", "warning"),
    [
        (8.9, "a", "passing", ""),
        (9, "a", "warning", "It was to be renewed before now."),
        (10, "a", "critical", "It has ended, and nobody has renewed it."),
        (1, "gone", "critical", "The root that signed it is trusted no more."),
    ],
)
def test_leaf_warns_when_it_is_renewed_too_late(
    at: float, root_id: str, severity: Severity, warning: str
) -> None:
    known = inventory(
        certificates(a_root("a", "active"), leaves={KEY: a_leaf(root_id=root_id)}),
        now=START + at * HOUR,
    )
    assert [(leaf.life.severity, leaf.life.warning) for leaf in known.leaves] == [
        (severity, warning)
    ]


LATE = "Its successor was to be prepared before now."
TOO_LATE = "It ends before a leaf that is signed now, and no successor is prepared."
OVER = "It has ended: nothing that it signed is accepted."


@pytest.mark.parametrize(
    ("at", "severity", "warning"),
    [
        (900, "passing", ""),
        (900.01, "passing", ""),
        (901, "warning", LATE),
        (991, "critical", TOO_LATE),
        (1000, "critical", OVER),
    ],
)
def test_active_root_warns_when_its_successor_is_late(
    at: float, severity: Severity, warning: str
) -> None:
    (root,) = inventory(certificates(a_root("a", "active")), now=START + at * HOUR).roots
    assert (root.life.severity, root.life.warning) == (severity, warning)


def test_given_root_asks_for_its_successor() -> None:
    given = msgspec.structs.replace(a_root("a", "active"), is_given=True)
    (root,) = inventory(certificates(given), now=START + 901 * HOUR).roots
    assert root.life.warning == "It was given: give its successor, with `tulle ca rotate`."


def test_prepared_root_warns_when_nobody_activates_it() -> None:
    (root,) = inventory(certificates(a_root("a", "prepared")), now=START + HOUR).roots
    assert root.life.severity == "warning"


def test_prepared_successor_ends_the_worry() -> None:
    next_one = msgspec.structs.replace(a_root("b", "prepared"), prepared_at=START + 995 * HOUR)
    known = inventory(certificates(a_root("a", "active"), next_one), now=START + 995 * HOUR)
    assert [root.life.severity for root in known.roots] == ["passing", "passing"]
    assert {root.next_at for root in known.roots} == {START + 995 * HOUR + LIFETIMES.overlap}


@pytest.mark.parametrize(
    ("root", "next_at"),
    [
        (a_root("a", "prepared"), START + LIFETIMES.overlap),
        (a_root("a", "active"), START + 900 * HOUR),
        (a_root("a", "retiring", retired=HOUR), START + 21 * HOUR),
    ],
    ids=["activated", "succeeded", "pruned"],
)
def test_root_says_when_its_state_ends(root: Root, next_at: datetime) -> None:
    assert [each.next_at for each in inventory(certificates(root), now=START).roots] == [next_at]


def test_what_is_wrong_stands_first_and_then_what_ends_first() -> None:
    leaves = {
        "agent:api": a_leaf("1", lasts=30 * HOUR),
        "agent:db": a_leaf("2", lasts=9 * HOUR),
        "agent:web": a_leaf("3", lasts=40 * HOUR, root_id="gone"),
    }
    known = inventory(certificates(a_root("a", "active"), leaves=leaves), now=START + 8.5 * HOUR)
    assert [leaf.key for leaf in known.leaves] == ["agent:web", "agent:db", "agent:api"]


def test_tally_counts_what_the_inventory_lists() -> None:
    leaves = {
        "agent:api": a_leaf("1", lasts=30 * HOUR),
        "agent:db": a_leaf("2", lasts=9 * HOUR),
        "agent:web": a_leaf("3", lasts=40 * HOUR, root_id="gone"),
    }
    known, now = certificates(a_root("a", "active"), leaves=leaves), START + 8.5 * HOUR
    counted = tally(known, now=now)
    listed = inventory(known, now=now).leaves
    assert counted.leaves == Counter(leaf.life.severity for leaf in listed)
    assert counted.first_end == min(leaf.life.not_after for leaf in listed)
    assert tally(Certificates(), now=now) == Tally(Counter(), None)


def test_leaves_of_one_service_are_found_among_all() -> None:
    other = msgspec.structs.replace(a_leaf("2"), service="api")
    known = certificates(a_root("a", "active"), leaves={KEY: a_leaf(), "agent:api": other})
    whole = inventory(known, now=START)
    assert leaves_of(known, "web", now=START) == [
        leaf for leaf in whole.leaves if leaf.service == "web"
    ]
    assert [leaf.key for leaf in leaves_of(known, "web", now=START)] == [KEY]


@pytest.mark.parametrize(
    ("key", "whose"),
    [
        (instance_leaf_key("node-1", "web-1"), Holder("node-1", "web-1")),
        (agent_leaf_key("web"), Holder()),
    ],
)
def test_key_says_whose_the_leaf_is(key: str, whose: Holder) -> None:
    assert holder(key) == whose
    assert whose.is_instance == bool(whose.node)


def test_before_the_first_root_there_is_nothing() -> None:
    known = inventory(Certificates(), now=START)
    assert (known.roots, known.leaves) == ((), ())
