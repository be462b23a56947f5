from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.certificates.rotation import (
    NEVER,
    Activate,
    Prepare,
    Prune,
    Step,
    Wait,
    activated,
    next_step,
    renewal,
    requested,
    spread_over,
)
from meshcore.certificates.types import Leaf, Lifetimes, Root, RootState
from meshcore.lib.errors import ConflictError

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LIFETIMES = Lifetimes(leaf=10 * HOUR, root=1000 * HOUR, overlap=5 * MINUTE)


def a_root(
    root_id: str,
    state: RootState,
    *,
    made: timedelta = timedelta(),
    retired: timedelta | None = None,
    lifetime: timedelta = 1000 * HOUR,
) -> Root:
    return Root(
        id=root_id,
        name=root_id,
        serial=1,
        signing_key_id=root_id,
        trust_domain="1234.consul",
        certificate_pem=root_id,
        sealed_key=b"",
        not_before=START + made,
        not_after=START + made + lifetime,
        prepared_at=START + made,
        state=state,
        activated_at=None if state == "prepared" else START + made,
        retired_at=None if retired is None else START + retired,
    )


def a_leaf(serial: str, *, root_id: str = "a", life: timedelta = 10 * HOUR) -> Leaf:
    return Leaf(
        service="web",
        spiffe_id="spiffe://1234.consul/ns/default/dc/dc1/svc/web",
        serial=serial,
        certificate_pem="",
        sealed_key=None,
        root_id=root_id,
        not_before=START,
        not_after=START + life,
    )


ACTIVE = a_root("a", "active")
GIVEN = msgspec.structs.replace(ACTIVE, is_given=True)
NEXT = a_root("b", "prepared", made=900 * HOUR)
OLD = a_root("z", "retiring", made=-100 * HOUR, retired=timedelta())


@pytest.mark.parametrize(
    ("roots", "hours", "step"),
    [
        pytest.param([], 0, Prepare("first", None), id="nothing there"),
        pytest.param([NEXT], 900, Activate("b"), id="nobody to wait for"),
        pytest.param([ACTIVE], 899.9, Wait(START + 900 * HOUR), id="in its best years"),
        pytest.param([ACTIVE], 900, Prepare("ending", "a"), id="nine tenths are over"),
        pytest.param([ACTIVE], 1000, Prepare("ended", None), id="nobody left to vouch"),
        pytest.param(
            [NEXT, ACTIVE], 900, Wait(START + 900 * HOUR + 5 * MINUTE), id="being distributed"
        ),
        pytest.param([NEXT, ACTIVE], 900.1, Activate("b"), id="distributed"),
        pytest.param(
            [a_root("b", "prepared", made=1000 * HOUR), ACTIVE],
            1000,
            Activate("b"),
            id="no overlap with a root that is over",
        ),
        pytest.param([OLD, ACTIVE], 19.9, Wait(START + 20 * HOUR), id="old one still trusted"),
        pytest.param([OLD, ACTIVE], 20, Prune("z"), id="two leaf lifetimes later"),
        pytest.param(
            [a_root("z", "retiring", retired=timedelta(), lifetime=5 * HOUR), ACTIVE],
            5,
            Prune("z"),
            id="old one is over",
        ),
        pytest.param(
            [a_root("a", "active", lifetime=30 * HOUR)],
            0,
            Wait(START + 10 * HOUR - 5 * MINUTE),
            id="shortest root: in time for its last leaves",
        ),
        pytest.param([GIVEN], 950, Wait(NEVER), id="ours would not succeed a given one"),
        pytest.param([GIVEN], 1001, Wait(NEVER), id="not even when that is over"),
        pytest.param(
            [NEXT, GIVEN], 900, Wait(START + 900 * HOUR + 5 * MINUTE), id="what was asked for does"
        ),
    ],
)
def test_next_step(roots: Sequence[Root], hours: float, step: Step) -> None:
    assert next_step(roots, lifetimes=LIFETIMES, now=START + hours * HOUR) == step


def taken(step: Step, roots: dict[str, Root], now: datetime) -> dict[str, Root]:
    """Do as the shell does."""
    match step:
        case Prepare():
            made = a_root(f"r{(now - START) / HOUR:.0f}", "prepared", made=now - START)
            return {**roots, made.id: made}
        case Activate(root_id):
            return roots | {r.id: r for r in activated(roots.values(), root_id=root_id, now=now)}
        case Prune(root_id):
            return {known: root for known, root in roots.items() if known != root_id}
    return roots


def test_roots_follow_one_another_without_a_gap() -> None:
    now, roots, timeline = START, dict[str, Root](), []
    for _ in range(14):
        step = next_step(roots.values(), lifetimes=LIFETIMES, now=now)
        if isinstance(step, Wait):
            assert step.until > now
            now = step.until
            continue
        roots = taken(step, roots, now)
        states = " ".join(f"{root.id}:{root.state}" for root in roots.values())
        timeline.append((str(now - START), type(step).__name__, states))
    assert timeline == [
        ("0:00:00", "Prepare", "r0:prepared"),
        ("0:00:00", "Activate", "r0:active"),
        ("37 days, 12:00:00", "Prepare", "r0:active r900:prepared"),
        ("37 days, 12:05:00", "Activate", "r0:retiring r900:active"),
        ("38 days, 8:05:00", "Prune", "r900:active"),
        ("75 days, 0:00:00", "Prepare", "r900:active r1800:prepared"),
        ("75 days, 0:05:00", "Activate", "r900:retiring r1800:active"),
        ("75 days, 20:05:00", "Prune", "r1800:active"),
    ]


@given(
    leaf_h=st.integers(1, 8760),
    roots_per_leaf=st.floats(3, 50),
    overlap=st.floats(0, 0.5),
)
def test_every_allowed_lifetime_leaves_room_for_the_succession(
    leaf_h: int, roots_per_leaf: float, overlap: float
) -> None:
    leaf = timedelta(hours=leaf_h)
    lifetimes = Lifetimes(leaf=leaf, root=leaf * roots_per_leaf, overlap=leaf * overlap)
    active = a_root("a", "active", lifetime=lifetimes.root)
    step = next_step([active], lifetimes=lifetimes, now=START)
    assert isinstance(step, Wait)
    replaced = step.until + lifetimes.overlap
    assert step.until > START
    assert replaced + lifetimes.retirement <= active.not_after + SECOND


def test_an_operator_may_ask_for_a_new_root_at_any_time_but_once() -> None:
    assert requested([ACTIVE, OLD], now=START) == Prepare("asked", "a")
    assert requested([ACTIVE], now=ACTIVE.not_after) == Prepare("asked", None)
    assert requested([], now=START) == Prepare("first", None)
    with pytest.raises(ConflictError, match="root b is prepared already"):
        requested([ACTIVE, NEXT], now=START)


def test_a_given_root_is_not_replaced_by_mistake() -> None:
    with pytest.raises(ConflictError, match="root a was given by an operator: give its successor"):
        requested([GIVEN], now=START)
    assert requested([GIVEN], now=START, replaces_given=True) == Prepare("asked", "a")


def test_activation_retires_the_root_before() -> None:
    changed = list(activated([OLD, ACTIVE, NEXT], root_id="b", now=START + HOUR))
    assert changed == [
        msgspec.structs.replace(ACTIVE, state="retiring", retired_at=START + HOUR),
        msgspec.structs.replace(NEXT, state="active", activated_at=START + HOUR),
    ]


@given(st.integers(0, 2**159), st.integers(3600, 365 * 86400))
def test_a_leaf_is_renewed_between_three_fifths_and_nine_tenths_of_its_life(
    number: int, life_s: int
) -> None:
    life = timedelta(seconds=life_s)
    moment = renewal(a_leaf(f"{number:x}", life=life), active=ACTIVE)
    assert moment.reason == "age"
    assert START + life * 0.6 <= moment.at <= START + life * 0.9


def test_renewals_are_spread_evenly_and_the_same_everywhere() -> None:
    leaves = [a_leaf(f"{number:02x}") for number in range(3000)]
    moments = [renewal(leaf, active=ACTIVE).at for leaf in leaves]
    assert moments == [renewal(leaf, active=ACTIVE).at for leaf in leaves]
    # of ten hours, the three between the sixth and the ninth
    hours = Counter(int((at - START) / HOUR) for at in moments)
    assert sorted(hours) == [6, 7, 8]
    assert min(hours.values()) > 900


def test_a_new_root_has_the_leaves_of_the_old_one_signed_again_within_the_spread() -> None:
    leaves = [a_leaf(f"{number:02x}", root_id="z") for number in range(100)]
    moments = [renewal(leaf, active=ACTIVE) for leaf in leaves]
    assert {moment.reason for moment in moments} == {"root"}
    assert all(START <= moment.at <= START + 30 * SECOND for moment in moments)
    early = sum(moment.at <= START + 15 * SECOND for moment in moments)
    assert 30 < early < 70


@pytest.mark.parametrize(("leaves", "seconds"), [(0, 0), (20, 0.01), (10_000, 5), (100_000, 30)])
def test_few_leaves_are_signed_again_sooner_than_many(leaves: int, seconds: float) -> None:
    assert spread_over(leaves) == timedelta(seconds=seconds)


def test_a_leaf_that_is_due_by_age_does_not_wait_for_the_root() -> None:
    late = a_root("b", "active", made=100 * HOUR)
    leaf = a_leaf("01")
    by_age = renewal(leaf, active=ACTIVE)
    assert by_age.reason == "age"
    assert renewal(leaf, active=late) == by_age
