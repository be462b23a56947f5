import asyncio
import threading

from meshcore.mesh import watch
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.store import Store
from tests.store.acting import delete, node_key, nodes, put


def test_a_change_wakes_who_waits_for_its_key_and_nobody_else(store: Store) -> None:
    async def wait() -> tuple[Mesh, bool]:
        web = asyncio.ensure_future(store.changed(node_key("web"), after=0, timeout_s=60))
        db = asyncio.ensure_future(store.changed(node_key("db"), after=0, timeout_s=60))
        await asyncio.sleep(0)
        await store.write(put("web"), actor="test")
        mesh, is_db_awake = await web, db.done()
        db.cancel()
        return mesh, is_db_awake

    mesh, is_db_awake = asyncio.run(wait())
    assert nodes(mesh) == {"web": (1, 1)}
    assert not is_db_awake


def test_what_has_changed_already_is_not_waited_for(store: Store) -> None:
    store.write_from_thread(put("web"), actor="test")
    mesh = asyncio.run(store.changed(node_key("web"), after=0, timeout_s=60))
    assert mesh is store.mesh


def test_who_waits_in_vain_gets_the_mesh_at_the_end_of_his_time(store: Store) -> None:
    mesh = asyncio.run(store.changed(node_key("web"), after=0, timeout_s=0.01))
    assert mesh is store.mesh
    assert store.wait_from_thread(node_key("web"), after=0, timeout_s=0.01) is store.mesh


def test_who_has_waited_leaves_nothing_behind(store: Store) -> None:
    async def wait() -> bool:
        await store.changed(node_key("web"), after=0, timeout_s=0.01)
        cancelled = asyncio.ensure_future(store.changed(node_key("db"), after=0, timeout_s=60))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        return bool(store._by_loop[asyncio.get_running_loop()])

    assert not asyncio.run(wait())


def test_a_subscription_hears_once_a_group_of_those_of_its_keys_that_were_touched(
    store: Store,
) -> None:
    heard: list[tuple[int, frozenset[WatchKey]]] = []

    async def listen() -> None:
        keys = {watch.NODES, watch.node("web"), watch.node("db"), watch.SERVICES}
        subscription = store.subscribe(keys, lambda mesh, keys: heard.append((mesh.index, keys)))
        await asyncio.gather(*(store.write(put(name), actor="test") for name in ("web", "db")))
        subscription.watch({watch.node("api")})
        await store.write(put("web", "10.0.0.2"), actor="test")
        await store.write(put("api"), actor="test")
        subscription.close()
        await store.write(delete("api"), actor="test")

    asyncio.run(listen())
    indexes, keys = zip(*heard, strict=True)
    assert frozenset().union(*keys[:-1]) == {watch.NODES, watch.node("web"), watch.node("db")}
    assert indexes[-2:] == (2, 4)
    assert keys[-1] == {watch.node("api")}


def test_a_callback_that_fails_leaves_nobody_else_asleep(store: Store) -> None:
    def fail(mesh: Mesh, touched: frozenset[WatchKey]) -> None:
        raise ZeroDivisionError

    async def wait() -> Mesh:
        store.subscribe(node_key("web"), fail)
        waiting = asyncio.ensure_future(store.changed(node_key("web"), after=0, timeout_s=60))
        await asyncio.sleep(0)
        await store.write(put("web"), actor="test")
        return await waiting

    assert asyncio.run(wait()).index == 1


def test_threads_wait_too(store: Store) -> None:
    seen: list[Mesh] = []

    def wait() -> None:
        seen.append(store.wait_from_thread(node_key("web"), after=0, timeout_s=60))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    store.write_from_thread(put("web"), actor="test")
    for thread in threads:
        thread.join()
    assert [mesh.index for mesh in seen] == [1, 1, 1]
    assert not store._threads


def test_a_loop_that_was_closed_is_forgotten(store: Store) -> None:
    async def subscribe() -> None:
        store.subscribe(node_key("web"), lambda mesh, keys: None)

    asyncio.run(subscribe())
    store.write_from_thread(put("web"), actor="test")
    store.write_from_thread(put("db"), actor="test")  # answered after the first was delivered
    assert not store._by_loop
