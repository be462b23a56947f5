"""Every certificate that is issued is on record, with whom it went to."""

import asyncio
from datetime import timedelta
from functools import partial

from meshcore.certificates.holders import agent_leaf_key, instance_leaf_key
from meshcore.certificates.issued import Record
from meshcore.store import issued
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from tests.store.databases import Database
from tests.store.test_issuer import LIFETIMES, START, Clock, own, pems, run


async def on_record(
    store: Store, *, service: str = "", serial: str = "", node: str = ""
) -> list[Record]:
    read = partial(issued.found, service=service, serial=serial, node=node)
    return await asyncio.to_thread(read, alias=store.alias, limit=100)


def test_each_leaf_is_on_record_with_its_proxy_also_when_it_was_replaced(
    database: Database,
) -> None:
    async def kept(store: Store, issuer: Issuer, clock: Clock) -> None:
        key = instance_leaf_key("node-1", "web-sidecar-proxy")
        first = (await issuer.leaf(key, "web")).leaf
        clock.now += LIFETIMES.leaf * 0.91
        second = (await issuer.leaf(key, "web")).leaf
        await issuer.leaf(agent_leaf_key("api"), "api")
        assert await on_record(store, service="web") == [
            Record(
                serial=leaf.serial,
                kind="leaf",
                spiffe_id=leaf.spiffe_id,
                issuer=leaf.root_id,
                not_before=leaf.not_before,
                not_after=leaf.not_after,
                service="web",
                node="node-1",
                instance="web-sidecar-proxy",
                index=index,
            )
            for leaf, index in ((second, store.mesh.index - 1), (first, store.mesh.index - 2))
        ]
        assert [r.service for r in await on_record(store, serial=second.serial)] == ["web"]
        assert len(await on_record(store, node="node-1")) == 2

    run(database, kept)


def test_roots_vouchers_and_the_server_s_own_are_on_record(sqlite: Database) -> None:
    async def kept(store: Store, issuer: Issuer, clock: Clock) -> None:
        first = store.mesh.certificates.active_root()
        assert first is not None
        issuer.server_certificate()
        await issuer.look_after()
        await issuer.look_after()
        await issuer.rotations.adopt(pems(own("given")), actor="ada")
        kinds = sorted((r.kind, r.issuer, r.spiffe_id[:9]) for r in await on_record(store))
        assert kinds == [(kind, first.id, "spiffe://") for kind in ("root", "server", "voucher")]

    run(sqlite, kept)


def test_what_has_ended_long_ago_is_dropped(database: Database) -> None:
    async def pruned(store: Store, issuer: Issuer, clock: Clock) -> None:
        await issuer.leaf(agent_leaf_key("web"), "web")
        for days, kinds in ((9.9, ["leaf", "root"]), (10.1, ["root"])):
            clock.now = START + timedelta(days=days)
            await asyncio.to_thread(issued.prune, now=clock.now, alias=store.alias)
            assert sorted(r.kind for r in await on_record(store)) == kinds

    run(database, pruned)


def test_a_long_record_is_read_page_by_page(sqlite: Database) -> None:
    async def read(store: Store, issuer: Issuer, clock: Clock) -> None:
        for number in range(5):
            clock.now += timedelta(seconds=number % 2)
            await issuer.leaf(agent_leaf_key(f"web-{number}"), f"web-{number}")
        whole = await on_record(store)
        after, seen = None, list[Record]()
        while page := await asyncio.to_thread(
            issued.found, after=after, limit=2, alias=store.alias
        ):
            seen += page
            after = (page[-1].not_after, page[-1].serial)
        assert seen == whole

    run(sqlite, read)
