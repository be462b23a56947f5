"""The checks of one worker: the tasks that beat sends hand them to what runs on its loop."""

import asyncio
from uuid import uuid4

from redis.exceptions import RedisError

from meshcore.lib.errors import UnavailableError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.probes.policy import Policy
from meshcore.store.store import Store
from meshcore.tasks import node_plans, plans, sweeping
from meshcore.tasks.connecting import connected, forever
from meshcore.tasks.prober import Prober


class Checking:
    def __init__(self, store: Store, *, redis_url: str, policy: Policy, reconnect_s: float) -> None:
        self._store = store
        self._redis = connected(redis_url)
        self._reconnect_s = reconnect_s
        self._prober = Prober(store, self._redis, mark=str(uuid4()), policy=policy)

    async def run(self) -> None:
        """Run until cancelled, beside the tasks."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._prober.run())
                tasks.create_task(self._follow())
        finally:
            await self._redis.aclose()

    async def stop(self) -> None:
        try:
            await self._prober.stop()
        except RedisError as error:
            raise UnavailableError(f"other workers wait for the lease: {error}") from error

    async def probe(self) -> bool:
        """Begin what falls due now; tell whether another worker is to look, too."""
        try:
            return await self._prober.take()
        except RedisError as error:
            raise UnavailableError(f"no check is claimed: Redis is away: {error}") from error

    async def sweep(self) -> None:
        try:
            await sweeping.sweep(self._store, self._redis)
        except RedisError as error:
            raise UnavailableError(f"nothing expires: Redis is away: {error}") from error

    async def reconcile(self) -> None:
        try:
            await self._reconcile()
        except RedisError as error:
            raise UnavailableError(f"checks are not planned: Redis is away: {error}") from error

    async def _reconcile(self) -> None:
        registry = self._store.mesh.registry
        await plans.reconcile(self._redis, registry)
        await node_plans.reconcile(self._redis, registry, reconnect_s=self._reconnect_s)

    async def _follow(self) -> None:
        """Plan each check as soon as it is registered."""
        touched = asyncio.Event()
        touched.set()

        def wake(_mesh: Mesh, _keys: frozenset[WatchKey]) -> None:
            touched.set()

        subscription = self._store.subscribe((watch.CHECKS, watch.NODES), wake)
        index = 0

        async def once() -> None:
            nonlocal index
            await touched.wait()
            touched.clear()
            try:
                index = await self._in_step(after=index)
            except RedisError:
                touched.set()  # these changes are still to be planned
                raise

        try:
            await forever(once, what="planning checks")
        finally:
            subscription.close()

    async def _in_step(self, *, after: int) -> int:
        mesh = self._store.mesh
        keys = plans.checks_changed(self._store.recent.newest_first(), after=after)
        if keys is None or not after:
            await self._reconcile()
        elif keys:
            await plans.follow(self._redis, mesh.registry, keys)
        return mesh.index
