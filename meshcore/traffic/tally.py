"""What was counted of one thing, an edge or a service, over the last 15 minutes.

A second that is no longer among the last ten (recent.py) becomes part of a step of five, and a step
that is over of the history, a ring of a fixed size. Nothing is ever counted in two of the three.
"""

from collections.abc import Iterator
from struct import Struct

from meshcore.traffic.histogram import BUCKETS, buckets, histogram
from meshcore.traffic.recent import WINDOW_S, Recent, Sums

STEP_S = 5
STEPS = 180

# When a step was, what was counted in it, and its durations. A bucket takes up to 65,535 of them:
# beyond that its share is understated, and the memory is half of what it would be.
RECORD = Struct(f"<IIIIQ{BUCKETS}H")
MOST_IN_BUCKET = 0xFFFF
MOST = 0xFFFFFFFF
MOST_TRANSFERRED = 0xFFFFFFFFFFFFFFFF


class Tally(Recent):
    __slots__ = ("_history", "_open", "_step")

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self._step = 0
        self._open = Sums()
        self._history: bytearray | None = None

    def _leave(self, number: int, second: Sums) -> None:
        step = number // STEP_S
        if step != self._step:
            self._close()
            self._step = step
        self._open.add(second)

    def _close(self) -> None:
        if self._open.is_empty:
            return
        if self._history is None:
            self._history = bytearray(RECORD.size * STEPS)
        pack(self._history, self._step, self._open)
        self._open = Sums()

    def steps(self) -> dict[int, Sums]:
        """All that is known by the number of the step, which is its time over `STEP_S`."""
        known = dict(unpacked(self._history)) if self._history is not None else {}
        known.setdefault(self._step, Sums()).add(self._open)
        for number in range(self._now - WINDOW_S + 1, self._now + 1):
            second = self._seconds[number % WINDOW_S]
            if second is not None:
                known.setdefault(number // STEP_S, Sums()).add(second)
        oldest = self._now // STEP_S - STEPS
        return {step: sums for step, sums in known.items() if step >= oldest and not sums.is_empty}


def pack(history: bytearray, step: int, sums: Sums) -> None:
    RECORD.pack_into(
        history,
        step % STEPS * RECORD.size,
        step,
        min(sums.requests, MOST),
        min(sums.errors, MOST),
        min(sums.denied, MOST),
        min(sums.transferred, MOST_TRANSFERRED),
        *(min(count, MOST_IN_BUCKET) for count in buckets(sums.durations)),
    )


def unpacked(history: bytearray) -> Iterator[tuple[int, Sums]]:
    for step, requests, errors, denied, transferred, *durations in RECORD.iter_unpack(history):
        if step:
            yield step, Sums(requests, errors, denied, transferred, histogram(durations))
