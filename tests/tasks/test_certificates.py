"""One of many looks after certificates, and a server stands by for when there is none."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from meshcore.certificates import sealing
from meshcore.certificates.holders import agent_leaf_key
from meshcore.certificates.types import Lifetimes
from meshcore.store import issued
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.tasks import certificates

START = datetime(2026, 1, 1, tzinfo=UTC)
LIFETIMES = Lifetimes()
KEY = sealing.parse("11" * 32)


def issuer_of(store: Store, now: Callable[[], datetime]) -> Issuer:
    return Issuer(store, sealing_key=KEY, datacenter="dc1", lifetimes=LIFETIMES, now=now)


def test_of_two_that_act_at_once_one_finds_nothing_to_do(store: Store) -> None:
    async def acted() -> None:
        now = [START]
        one, two = (issuer_of(store, lambda: now[0]) for _ in range(2))
        await one.prepare()
        await one.rotations.rotate()
        now[0] += LIFETIMES.overlap
        before = store.mesh.index
        await asyncio.gather(one.look_after(), two.look_after())
        assert store.mesh.index == before + 1
        assert [r.state for r in store.mesh.certificates.trusted_roots()].count("active") == 1

    asyncio.run(acted())


def test_who_stands_by_acts_only_on_what_is_late(store: Store) -> None:
    late = certificates.lateness(LIFETIMES)

    async def stood_by() -> None:
        now = [START]
        issuer = issuer_of(store, lambda: now[0])
        await issuer.prepare()
        await issuer.leaf(agent_leaf_key("web"), "web")
        await issuer.rotations.rotate()
        now[0] += LIFETIMES.overlap + late - timedelta(seconds=1)
        before = store.mesh
        next_date = await issuer.look_after(lateness=late)
        assert store.mesh is before
        assert next_date == START + LIFETIMES.overlap + late
        now[0] = next_date
        await issuer.look_after(lateness=late)
        active = store.mesh.certificates.active_root()
        assert active is not None
        assert active.cross_signed_by

    asyncio.run(stood_by())


@pytest.mark.parametrize(
    ("leaf", "late"), [(timedelta(hours=72), timedelta(minutes=1)), (timedelta(minutes=4), None)]
)
def test_short_lived_leaves_are_not_left_for_long(leaf: timedelta, late: timedelta | None) -> None:
    lifetimes = Lifetimes(leaf=leaf, overlap=leaf / 2000, leaf_minimum=leaf)
    assert certificates.lateness(lifetimes) == (late or leaf / 20)


def test_record_is_pruned_and_a_failure_is_only_said(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = START - timedelta(days=20 * 365)
    asyncio.run(issuer_of(store, lambda: long_ago).prepare())
    certificates.prune_once(store)
    assert issued.found(limit=10, alias=store.alias) == []
    monkeypatch.setattr(store, "alias", "nowhere")
    certificates.prune_once(store)
    assert "still on record" in caplog.text
