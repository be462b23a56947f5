"""What callers ask of the writer, in the order in which they ask, and how it answers them."""

import asyncio
import concurrent.futures
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from meshcore.lib.errors import UnavailableError
from meshcore.store.types import Action, Written

LONGEST_QUEUE = 16_384
LARGEST_GROUP = 512

Outcome = Written | Exception
LoopAnswers = list[tuple["asyncio.Future[Written]", Outcome]]


@dataclass(slots=True, eq=False)
class Job:
    """Without an action it asks that the mesh be brought up to date."""

    action: Action | None
    actor: str
    reason: str
    answer: "asyncio.Future[Written] | concurrent.futures.Future[Written]"


class Jobs:
    """A bounded queue for any number of callers and one writer."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._is_closed = False

    def put(self, job: Job) -> None:
        if self._is_closed:
            raise UnavailableError("the server is stopping: nothing was written")
        if self._queue.qsize() >= LONGEST_QUEUE:
            raise UnavailableError(
                f"{LONGEST_QUEUE} writes are waiting already: nothing was written, try again later"
            )
        self._queue.put(job)

    def nudge(self) -> None:
        """Make the writer look at the log, or see that the queue is closed."""
        self._queue.put(None)

    def close(self) -> None:
        self._is_closed = True
        self.nudge()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    @property
    def is_finished(self) -> bool:
        return self._is_closed and self._queue.empty()

    def take(self, *, timeout_s: float) -> list[Job]:
        """Wait for a job or a nudge, then take all that is there."""
        taken: list[Job] = []
        try:
            entry = self._queue.get(timeout=timeout_s) if timeout_s else self._queue.get_nowait()
            while True:
                if entry is not None:
                    taken.append(entry)
                if len(taken) == LARGEST_GROUP:
                    break
                entry = self._queue.get_nowait()
        except Empty:
            pass
        return taken


def sort_answers(
    jobs: Sequence[Job], outcomes: Iterable[Outcome]
) -> dict[asyncio.AbstractEventLoop, LoopAnswers]:
    """Answer waiting threads, and return what each event loop has to be told."""
    by_loop: dict[asyncio.AbstractEventLoop, LoopAnswers] = {}
    for job, outcome in zip(jobs, outcomes, strict=True):
        if isinstance(job.answer, asyncio.Future):
            by_loop.setdefault(job.answer.get_loop(), []).append((job.answer, outcome))
        else:
            answer(job.answer, outcome)
    return by_loop


def answer(
    future: "asyncio.Future[Written] | concurrent.futures.Future[Written]", outcome: Outcome
) -> None:
    if future.done():  # its caller has gone
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
