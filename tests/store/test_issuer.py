"""The certificate authority at work on a real store, with a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from meshcore.actions import registry
from meshcore.certificates import sealing
from meshcore.certificates.holders import agent_leaf_key, instance_leaf_key
from meshcore.certificates.types import Lifetimes
from meshcore.lib.errors import InvalidError
from meshcore.registry.types import Instance, Node
from meshcore.store.issuer import Issuer
from meshcore.store.rotations import Pems
from meshcore.store.store import Store
from tests.certificates.authorities import Made, made
from tests.store.databases import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
LIFETIMES = Lifetimes(leaf=timedelta(hours=72), overlap=timedelta(minutes=5))
SEALING_KEY = sealing.parse(sealing.generate())


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[Store]:
    store = Store(alias=database.alias)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


def issuer_of(store: Store, clock: Clock, *, own: Pems | None = None) -> Issuer:
    return Issuer(
        store,
        sealing_key=SEALING_KEY,
        datacenter="dc1",
        lifetimes=LIFETIMES,
        own=own,
        now=clock,
    )


def run(database: Database, test: Callable[[Store, Issuer, Clock], Awaitable[None]]) -> None:
    async def prepared() -> None:
        clock = Clock()
        async with opened(database) as store:
            issuer = issuer_of(store, clock)
            await issuer.prepare()
            await test(store, issuer, clock)

    asyncio.run(prepared())


def test_the_first_start_makes_one_active_root_and_the_next_start_keeps_it(
    sqlite: Database,
) -> None:
    async def started_twice(store: Store, issuer: Issuer, clock: Clock) -> None:
        first = store.mesh
        assert [record.value.state for record in first.certificates.roots.values()] == ["active"]
        await issuer_of(store, clock).prepare()
        assert store.mesh is first

    run(sqlite, started_twice)


def test_two_servers_that_start_at_once_agree_on_one_root(sqlite: Database) -> None:
    async def both() -> None:
        async with opened(sqlite) as one, opened(sqlite) as two:
            await asyncio.gather(*(issuer_of(store, Clock()).prepare() for store in (one, two)))
            meshes = [await store.up_to_date() for store in (one, two)]
            roots = [
                {root.id: root.state for root in mesh.certificates.trusted_roots()}
                for mesh in meshes
            ]
            assert roots[0] == roots[1]
            assert list(roots[0].values()).count("active") == 1

    asyncio.run(both())


def test_a_leaf_is_issued_once_and_renewed_within_its_window(sqlite: Database) -> None:
    async def renewed(store: Store, issuer: Issuer, clock: Clock) -> None:
        key = agent_leaf_key("web")
        first = await issuer.leaf(key, "web")
        assert first.private_key_pem.startswith("-----BEGIN PRIVATE KEY-----")
        clock.now = START + LIFETIMES.leaf * 0.59
        assert await issuer.leaf(key, "web") == first
        clock.now = START + LIFETIMES.leaf * 0.91
        assert (await issuer.leaf(key, "web")).leaf.serial != first.leaf.serial

    run(sqlite, renewed)


def test_asking_for_one_leaf_many_times_at_once_makes_one(sqlite: Database) -> None:
    async def asked(store: Store, issuer: Issuer, clock: Clock) -> None:
        asks = (issuer.leaf(agent_leaf_key("web"), "web") for _ in range(20))
        issued = await asyncio.gather(*asks)
        assert len({leaf.leaf.serial for leaf in issued}) == 1

    run(sqlite, asked)


def test_a_name_that_fits_no_identity_costs_only_itself(sqlite: Database) -> None:
    async def asked(store: Store, issuer: Issuer, clock: Clock) -> None:
        services = ("web", "no/name", "api")
        index = store.mesh.index
        answers = await asyncio.gather(
            *(issuer.leaf(agent_leaf_key(service), service) for service in services),
            return_exceptions=True,
        )
        assert [type(answer).__name__ for answer in answers] == [
            "IssuedLeaf",
            "InvalidError",
            "IssuedLeaf",
        ]
        assert store.mesh.index == index + 1  # all in one action

    run(sqlite, asked)


def test_who_asks_after_a_failure_is_answered_again(sqlite: Database) -> None:
    async def asked(store: Store, issuer: Issuer, clock: Clock) -> None:
        clock.now = datetime.max.replace(tzinfo=UTC)  # beyond what a certificate can hold
        for _ in range(2):
            with pytest.raises((OverflowError, InvalidError)):
                await issuer.leaf(agent_leaf_key("web"), "web")
        clock.now = START
        assert (await issuer.leaf(agent_leaf_key("web"), "web")).leaf.service == "web"

    run(sqlite, asked)


def test_leaves_of_proxies_are_renewed_and_those_of_gone_ones_dropped(sqlite: Database) -> None:
    async def renewed(store: Store, issuer: Issuer, clock: Clock) -> None:
        node = Node(name="node-1", address="127.0.0.1")
        proxy = Instance(node="node-1", id="web-sidecar-proxy", service="web-sidecar-proxy")
        await store.write(partial(registry.register, node=node, instance=proxy), actor="test")
        here, gone = (
            instance_leaf_key("node-1", name) for name in ("web-sidecar-proxy", "api-sidecar-proxy")
        )
        before = await issuer.leaf(here, "web")
        await issuer.leaf(gone, "api")
        clock.now = START + LIFETIMES.leaf * 0.91
        await issuer.leaves.renew()
        leaves = store.mesh.certificates.leaves
        assert list(leaves) == [here]
        assert leaves[here].value.serial != before.leaf.serial

    run(sqlite, renewed)


def test_a_rotation_distributes_then_signs_then_prunes(sqlite: Database) -> None:
    async def rotated(store: Store, issuer: Issuer, clock: Clock) -> None:
        def states() -> list[str]:
            return [root.state for root in store.mesh.certificates.trusted_roots()]

        key = agent_leaf_key("web")
        old = (await issuer.leaf(key, "web")).leaf
        clock.now += timedelta(hours=1)
        await issuer.rotations.rotate()
        assert states() == ["prepared", "active"]
        assert (await issuer.leaf(key, "web")).leaf == old
        clock.now += LIFETIMES.overlap
        await issuer.rotations.advance()
        assert states() == ["active", "retiring"]
        clock.now += timedelta(seconds=30)
        new = (await issuer.leaf(key, "web")).leaf
        assert new.root_id != old.root_id
        assert new.certificate_pem.count("BEGIN CERTIFICATE") == 2
        clock.now += 2 * LIFETIMES.leaf
        await issuer.rotations.advance()
        assert states() == ["active"]

    run(sqlite, rotated)


def test_a_server_certificate_is_made_anew_only_for_a_new_root_or_at_half_of_its_life(
    sqlite: Database,
) -> None:
    async def made(store: Store, issuer: Issuer, clock: Clock) -> None:
        first = issuer.server_certificate()
        assert issuer.server_certificate() is first
        clock.now = START + timedelta(days=180)
        assert issuer.server_certificate() is first
        clock.now = START + timedelta(days=185)
        assert issuer.server_certificate() is not first

    run(sqlite, made)


@pytest.mark.parametrize("what", ["private_key_pem", "sealed_key"])
def test_no_repr_shows_a_key(sqlite: Database, what: str) -> None:
    async def shown(store: Store, issuer: Issuer, clock: Clock) -> None:
        issued = await issuer.leaf(agent_leaf_key("web"), "web")
        assert "PRIVATE" not in repr(issued)
        assert what not in repr(issued)

    run(sqlite, shown)


def own(name: str) -> Made:
    return made(name, begins=START - timedelta(days=1), ends=START + timedelta(days=900))


def pems(given: Made) -> Pems:
    return Pems(given.pem, given.key_pem)


def test_the_root_of_the_settings_signs_from_the_first_start(sqlite: Database) -> None:
    async def started() -> None:
        first, second = own("first"), own("second")
        clock = Clock()
        async with opened(sqlite) as store:
            await issuer_of(store, clock, own=pems(first)).prepare()
            (root,) = store.mesh.certificates.trusted_roots()
            assert (root.state, root.certificate_pem) == ("active", first.pem)
            # Another one in the settings is rotated to; the same one is not taken again, however
            # it was replaced.
            clock.now += timedelta(hours=1)
            await issuer_of(store, clock, own=pems(second)).prepare()
            assert [r.state for r in store.mesh.certificates.trusted_roots()] == [
                "prepared",
                "active",
            ]
            clock.now += LIFETIMES.overlap
            issuer = issuer_of(store, clock)
            await issuer.rotations.advance()
            await issuer.rotations.rotate(replaces_given=True)
            clock.now += LIFETIMES.overlap
            await issuer.rotations.advance()
            before = store.mesh
            await issuer_of(store, clock, own=pems(second)).prepare()
            assert store.mesh is before

    asyncio.run(started())


def test_a_bad_root_stops_the_first_start_and_no_later_one(
    sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Pems(own("first").pem, own("other").key_pem)

    async def started() -> None:
        async with opened(sqlite) as store:
            with pytest.raises(InvalidError, match="does not belong to CN=first"):
                await issuer_of(store, Clock(), own=bad).prepare()
            await issuer_of(store, Clock()).prepare()
            before = store.mesh
            await issuer_of(store, Clock(), own=bad).prepare()
            assert store.mesh is before
            assert "the root of the settings is not taken: the private key" in caplog.text

    asyncio.run(started())


def test_what_keeps_a_rotation_from_its_end_is_noted_once_and_the_old_root_stays(
    sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(store: Store, issuer: Issuer, clock: Clock) -> None:
        stranger = Issuer(
            store,
            sealing_key=sealing.parse(sealing.generate()),
            datacenter="dc1",
            lifetimes=LIFETIMES,
            now=clock,
        )
        await issuer.leaf(agent_leaf_key("web"), "web")
        clock.now = store.mesh.certificates.trusted_roots()[0].not_after - timedelta(days=7)
        for _ in range(2):
            assert await stranger.look_after() is None
        trust = store.mesh.certificates.trust
        assert trust is not None
        assert trust.value.trouble is not None
        assert "sealed under key" in trust.value.trouble.text
        assert "which is not at hand" in trust.value.trouble.text
        assert caplog.text.count("certificates cannot be looked after") == 1
        assert [root.state for root in store.mesh.certificates.trusted_roots()] == ["active"]
        # One that can goes on with it; that the other one cannot stays said for a while.
        assert await issuer.look_after() is not None
        assert [r.state for r in store.mesh.certificates.trusted_roots()] == ["prepared", "active"]
        assert store.mesh.certificates.trust == trust
        clock.now += timedelta(minutes=6)
        assert await issuer.look_after() is not None
        assert store.mesh.certificates.trust is not None
        assert store.mesh.certificates.trust.value.trouble is None

    run(sqlite, failing)
