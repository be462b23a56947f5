"""The one thread of a process that writes the log, follows it and saves checkpoints."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from prometheus_client import Histogram

from meshcore.lib.errors import UnavailableError
from meshcore.mesh.types import Mesh
from meshcore.store import checkpoint, garbage, group, issued, log
from meshcore.store.failures import sentence, unavailable
from meshcore.store.jobs import Job, Jobs, Outcome
from meshcore.store.recent import RECENT, Recent

logger = logging.getLogger(__name__)

POLL_S = 1.0  # covers a lost ping
GROUP_SIZE = Histogram(
    "tulle_store_group_size",
    "Log entries that were committed together.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)
GROUP_TIME = Histogram(
    "tulle_store_commit_seconds",
    "How long a group took, from the lock of the counter to the end of its commit.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
SLICE = 256  # values of a checkpoint written between two groups

Publish = Callable[[group.Progress, Sequence[Job], Iterable[Outcome]], None]


class CheckpointPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a checkpoint begins: after this time if anything has changed, or so many entries."""

    every_s: float = 10.0
    every_entries: int = 50_000


class Writer:
    """Owns the mesh: all others read it, and take part only through jobs and `publish`."""

    def __init__(
        self, *, alias: str, jobs: Jobs, publish: Publish, policy: CheckpointPolicy
    ) -> None:
        self.mesh = Mesh()
        self.recent = Recent()
        self._alias = alias
        self._jobs = jobs
        self._publish = publish
        self._policy = policy
        self._unsaved = checkpoint.Unsaved()
        self._saved_index = 0
        self._saved_at = time.monotonic()
        self._is_away = False
        self.seen_at_s = time.monotonic()  # when it last knew of all that was committed
        self.trouble = ""  # why no write is possible, in words, while that is so

    @property
    def _connection(self) -> BaseDatabaseWrapper:
        return connections[self._alias]

    def load(self) -> None:
        """Read the checkpoint and replay the log after it."""
        try:
            with garbage.nothing_collected():
                progress = group.Progress(checkpoint.load(self._connection))
                self._saved_index = progress.mesh.index
                for index, text in log.follow_text(self._connection, after=self._saved_index):
                    progress.replay(text, index=index)
                upto = progress.mesh.index
                newest = log.newest(limit=RECENT, before=upto + 1, alias=self._alias)
                self.recent.add(newest[::-1])
        except DatabaseError as error:
            raise UnavailableError(f"the mesh cannot be loaded: {sentence(error)}") from error
        self.mesh = checkpoint.at_index(progress.mesh, progress.mesh.index)
        self.seen_at_s = time.monotonic()
        self._unsaved.changed = progress.changed

    def run(self) -> None:
        """Serve until the queue is closed and empty, then leave a checkpoint behind."""
        try:
            while not self._jobs.is_finished:
                wait_s = 0.0 if self._unsaved.pending and not self._is_away else POLL_S
                self._serve(self._jobs.take(timeout_s=wait_s))
                self._save_some()
            self._unsaved.changed |= dict.fromkeys(self._unsaved.pending, self.mesh.index)
            self._unsaved.begin(self.mesh)
            while self._unsaved.pending and not self._is_away:
                self._save_some()
        finally:
            self.disconnect()

    def disconnect(self) -> None:
        self._connection.close()

    def _serve(self, jobs: Sequence[Job]) -> None:
        progress, now, began_at_s = group.Progress(self.mesh), datetime.now(UTC), time.monotonic()
        is_committing = False
        rows: list[log.Row] = []
        outcomes: list[Outcome]
        try:
            if any(job.action for job in jobs):
                with transaction.atomic(using=self._alias):
                    self._lock_and_catch_up(progress)
                    outcomes, rows = group.run(progress, jobs, at=now)
                    if rows:
                        log.append(self._connection, rows)
                        issued.append(self._connection, rows)
                    is_committing = True
            else:
                self._catch_up(progress)
                outcomes, _ = group.run(progress, jobs, at=now)
        except Exception as error:  # noqa: BLE001 the server's outermost loop: whatever it is, go on
            self._lost(error)
            # A commit that failed in SQLite left nothing; PostgreSQL may have done it before the
            # connection broke. Then the log has the entries, and the next look at it applies them.
            is_ambiguous = is_committing and bool(rows) and self._connection.vendor != "sqlite"
            errors = [unavailable(error, is_ambiguous=is_ambiguous) for _ in jobs]
            self._publish(group.Progress(self.mesh), jobs, errors)
            return
        self._found()
        self._take_on(progress)
        self.seen_at_s = began_at_s
        if rows:
            GROUP_SIZE.observe(len(rows))
            GROUP_TIME.observe(time.monotonic() - began_at_s)
        self._publish(progress, jobs, outcomes)

    def _take_on(self, progress: group.Progress) -> None:
        progress.finish()
        self.recent.add(progress.entries)  # first: who reads the mesh finds its entries there
        self.mesh = progress.mesh
        self._unsaved.changed |= progress.changed

    def _lock_and_catch_up(self, progress: group.Progress) -> None:
        last = log.lock(self._connection)
        if last != progress.mesh.index:
            self._catch_up(progress)
        assert progress.mesh.index == last, f"log ends at {progress.mesh.index}, counter at {last}"

    def _catch_up(self, progress: group.Progress) -> None:
        last = log.last_index(self._connection)
        if last < progress.mesh.index:
            raise UnavailableError(
                f"the database is at index {last}, but this server has seen {progress.mesh.index}:"
                " an older backup was restored; restart the server"
            )
        if last == progress.mesh.index:
            return
        for entry in log.follow(self._connection, after=progress.mesh.index):
            progress.add(entry)

    def _save_some(self) -> None:
        """Begin a checkpoint when it is time for one; write the next slice of a running one."""
        unsaved = self._unsaved
        if not unsaved.pending and not self._is_due():
            return
        progress = group.Progress(self.mesh)
        try:
            if not unsaved.pending:
                unsaved.forget(upto=checkpoint.last_index(self._connection))
                unsaved.begin(self.mesh)
            some = unsaved.pending[-SLICE:]
            with transaction.atomic(using=self._alias):
                self._lock_and_catch_up(progress)
                checkpoint.save(self._connection, progress.mesh, some)
                if len(some) == len(unsaved.pending):
                    checkpoint.finish(self._connection, unsaved.goal)
        except Exception as error:  # noqa: BLE001 as above; the slice will be written again
            self._lost(error)
            return
        self._found()
        del unsaved.pending[-SLICE:]
        if not unsaved.pending:
            self._saved_index, self._saved_at = unsaved.goal, time.monotonic()
        if progress.mesh is not self.mesh:
            self._take_on(progress)
            self._publish(progress, (), ())

    def _is_due(self) -> bool:
        if not self._unsaved.changed or self._is_away:
            return False
        has_many = self.mesh.index - self._saved_index >= self._policy.every_entries
        return has_many or time.monotonic() - self._saved_at >= self._policy.every_s

    def _lost(self, error: Exception) -> None:
        if not self._is_away:
            logger.error("no write is possible: %s", sentence(error), exc_info=error)
        self._is_away = True
        self.trouble = sentence(error)
        self.disconnect()

    def _found(self) -> None:
        if self._is_away:
            logger.warning("the database takes writes again, at index %d", self.mesh.index)
        self._is_away = False
        self.trouble = ""
