"""Where the mesh is kept: one Store in each process writes it, follows it and wakes who waits."""

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Collection, Iterable, Sequence

from meshcore.lib.errors import UnavailableError
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.group import Progress
from meshcore.store.jobs import Job, Jobs, LoopAnswers, Outcome, answer, sort_answers
from meshcore.store.pings import ping, pings
from meshcore.store.recent import Recent
from meshcore.store.types import Action, Written
from meshcore.store.waiters import Callback, Subscription, Waiters
from meshcore.store.writer import CheckpointPolicy, Writer

__all__ = ["Action", "Store", "Written"]

logger = logging.getLogger(__name__)

# A server looks at the log each second; one that has not for so long shows an old mesh.
STALE_FROM_S = 3.0
# A database that is frozen rather than gone gives no error: who asks is not to hang with it.
LONGEST_ANSWER_S = 10.0


class Store:
    """Its methods may be called from any thread, the async ones from any event loop."""

    def __init__(
        self,
        *,
        alias: str = "default",
        redis_url: str | None = None,
        checkpoints: CheckpointPolicy | None = None,
    ) -> None:
        self.alias = alias
        self._jobs = Jobs()
        self._writer = Writer(
            alias=alias,
            jobs=self._jobs,
            publish=self._published,
            policy=checkpoints or CheckpointPolicy(),
        )
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._is_loaded: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._pings = pings(redis_url, heard=self._heard) if redis_url else None
        self.heard = 0  # the last index that another server has told of
        self._by_loop: dict[asyncio.AbstractEventLoop, Waiters] = {}
        self._threads = Waiters()
        self._threads_lock = threading.Lock()

    @property
    def mesh(self) -> Mesh:
        return self._writer.mesh

    @property
    def recent(self) -> Recent:
        """At least the entries up to the mesh's index; take the mesh first."""
        return self._writer.recent

    @property
    def trouble(self) -> str:
        """Why no write is possible at the moment, or nothing; reads go on from memory."""
        if self._writer.trouble or not self.age_s:
            return self._writer.trouble
        return f"the database has not answered for {self.age_s:.0f} s"

    @property
    def age_s(self) -> float:
        """How old the mesh may be: 0 while the log is followed, else since when it is not."""
        since_s = time.monotonic() - self._writer.seen_at_s
        return since_s if since_s > STALE_FROM_S else 0.0

    @property
    def ping_trouble(self) -> str:
        """Why other servers' changes come late, or nothing."""
        is_away = self._pings is not None and self._pings.is_away
        return (
            "Redis is away: changes of other servers are looked for each second" if is_away else ""
        )

    @property
    def waiting(self) -> int:
        """Writes that wait for their group."""
        return self._jobs.waiting

    def open(self) -> None:
        """Load the mesh; raise what keeps the database from giving it."""
        self._thread.start()
        self._is_loaded.result()
        if self._pings:
            self._pings.start()

    def close(self) -> None:
        """Finish what is queued and leave a checkpoint."""
        self._jobs.close()
        self._thread.join()
        if self._pings and not self._is_loaded.exception():
            self._pings.stop()

    async def start(self) -> None:
        await asyncio.to_thread(self.open)

    async def stop(self) -> None:
        await asyncio.to_thread(self.close)

    async def write(self, action: Action, *, actor: str, reason: str = "") -> Written:
        """Run the action in the next group; return when it is durable."""
        return await self._answered(
            action,
            actor=actor,
            reason=reason,
            otherwise="whether this was written shows when it is back",
        )

    def write_from_thread(self, action: Action, *, actor: str, reason: str = "") -> Written:
        future: concurrent.futures.Future[Written] = concurrent.futures.Future()
        self._jobs.put(Job(action, actor, reason, future))
        return future.result()

    def write_later(self, action: Action, *, actor: str) -> None:
        """Run the action in the next group, for what nobody waits for and whose loss is no harm."""
        self._jobs.put(Job(action, actor, "", concurrent.futures.Future()))

    async def up_to_date(self) -> Mesh:
        """Return the mesh with all that any process had committed before this call."""
        await self._answered(None, otherwise="nobody knows what others have written")
        return self.mesh

    async def _answered(
        self, action: Action | None, *, actor: str = "", reason: str = "", otherwise: str
    ) -> Written:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Written] = loop.create_future()

        def give_up() -> None:
            if not future.done():
                late = f"the database has not answered for {LONGEST_ANSWER_S:g} s: {otherwise}"
                future.set_exception(UnavailableError(late))

        self._jobs.put(Job(action, actor, reason, future))
        timer = loop.call_later(LONGEST_ANSWER_S, give_up)
        try:
            return await future
        finally:
            timer.cancel()

    def subscribe(self, watch_keys: Collection[WatchKey], callback: Callback) -> Subscription:
        """Call back on this event loop, once a group, with those of the keys that were touched.

        Read the mesh after this, not before: what is committed in between would be missed.
        """
        loop = asyncio.get_running_loop()
        return self._by_loop.setdefault(loop, Waiters()).subscribe(watch_keys, callback)

    async def changed(
        self, watch_keys: Collection[WatchKey], *, after: int, timeout_s: float
    ) -> Mesh:
        """Return the mesh when one of the keys was touched after this index, or time is up."""
        mesh = self.mesh
        if mesh.is_touched(watch_keys, after=after):
            return mesh
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def wake(mesh: Mesh, touched: Collection[WatchKey]) -> None:
            if not future.done() and mesh.is_touched(touched, after=after):
                future.set_result(None)

        def give_up() -> None:
            if not future.done():
                future.set_result(None)

        subscription = self.subscribe(watch_keys, wake)
        timer = loop.call_later(timeout_s, give_up)
        try:
            wake(self.mesh, watch_keys)
            await future
        finally:
            timer.cancel()
            subscription.close()
        return self.mesh

    def wait_from_thread(
        self, watch_keys: Collection[WatchKey], *, after: int, timeout_s: float
    ) -> Mesh:
        """Do what `changed` does, for a thread without an event loop."""
        woken = threading.Event()

        def wake(mesh: Mesh, touched: Collection[WatchKey]) -> None:
            if mesh.is_touched(touched, after=after):
                woken.set()

        with self._threads_lock:
            subscription = self._threads.subscribe(watch_keys, wake)
        try:
            wake(self.mesh, watch_keys)
            woken.wait(timeout_s)
        finally:
            with self._threads_lock:
                subscription.close()
        return self.mesh

    def _run(self) -> None:
        try:
            self._writer.load()
        except Exception as error:  # noqa: BLE001 it is raised where the store was opened
            self._writer.disconnect()
            self._is_loaded.set_exception(error)
            return
        self._is_loaded.set_result(None)
        self._writer.run()

    def _heard(self, index: int) -> None:
        self.heard = index
        if index > self.mesh.index:
            self._jobs.nudge()

    def _published(
        self, progress: Progress, jobs: Sequence[Job], outcomes: Iterable[Outcome]
    ) -> None:
        """Tell the callers and all who wait of a mesh that is in force; the writer thread's."""
        by_loop = sort_answers(jobs, outcomes)
        if progress.touched:
            for loop, waiters in list(self._by_loop.items()):
                if waiters:
                    by_loop.setdefault(loop, [])
            with self._threads_lock:
                self._threads.wake(progress.mesh, progress.touched)
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(self._deliver, loop, answers, progress)
            except RuntimeError:  # the loop was closed, and with it all who waited on it
                self._by_loop.pop(loop, None)
        if progress.touched and self._pings:
            self._pings.send(ping(progress.mesh.index))

    def _deliver(
        self, loop: asyncio.AbstractEventLoop, answers: LoopAnswers, progress: Progress
    ) -> None:
        for future, outcome in answers:
            answer(future, outcome)
        if progress.touched and (waiters := self._by_loop.get(loop)):
            waiters.wake(progress.mesh, progress.touched)
