"""What was counted of one thing, an edge or a service, over the last 15 minutes.

Of the last ten seconds every second is kept apart, with their sum, so that asking costs nothing.
A second that is over becomes part of a step of five, and a step that is over of the history, a ring
of a fixed size. Nothing is ever counted in two of the three.
"""

from collections.abc import Iterator, Sequence
from struct import Struct

import msgspec

from meshcore.traffic.histogram import BUCKETS, buckets, histogram

WINDOW_S = 10
STEP_S = 5
STEPS = 180
BITS = 16
WHOLE = 1 << BITS
HALF = WHOLE >> 1

# When a step was, what was counted in it, and its durations. A bucket takes up to 65,535 of them:
# beyond that its share is understated, and the memory is half of what it would be.
RECORD = Struct(f"<IIIIQ{BUCKETS}H")
MOST_IN_BUCKET = 0xFFFF
MOST = 0xFFFFFFFF
MOST_TRANSFERRED = 0xFFFFFFFFFFFFFFFF


class Share(msgspec.Struct, frozen=True, gc=False):
    """The part of a report's interval that lies in one second.

    `upto` is what share of the interval ends with it, of `WHOLE`: counts are then divided without a
    fraction, and the last of them gets what is left.
    """

    second: int
    seconds: float
    upto: int


class Sums(msgspec.Struct, gc=False):
    """`requests` were let through (of TCP: connections); `denied` are no part of them."""

    requests: int = 0
    errors: int = 0
    denied: int = 0
    transferred: int = 0
    durations: int = 0  # histogram.py

    def add(self, other: "Sums") -> None:
        self.requests += other.requests
        self.errors += other.errors
        self.denied += other.denied
        self.transferred += other.transferred
        self.durations += other.durations

    def subtract(self, other: "Sums") -> None:
        self.requests -= other.requests
        self.errors -= other.errors
        self.denied -= other.denied
        self.transferred -= other.transferred
        self.durations -= other.durations

    @property
    def is_empty(self) -> bool:
        return not (self.requests or self.denied or self.transferred or self.durations)


def shares(now_s: float, interval_s: float) -> tuple[Share, ...]:
    """Cut the interval that ends now into seconds, of which none has left the window."""
    interval_s = min(max(interval_s, 0.001), WINDOW_S - 1)
    start_s = now_s - interval_s
    found = []
    for second in range(int(start_s), int(now_s) + 1):
        end_s = min(now_s, second + 1)
        length_s = end_s - max(start_s, second)
        if length_s > 0:  # at the end of a second nothing lies in the next
            found.append(Share(second, length_s, round((end_s - start_s) / interval_s * WHOLE)))
    found[-1] = Share(found[-1].second, found[-1].seconds, WHOLE)
    return tuple(found)


class Tally:
    """`seen_s` is when anything was counted last. `now` are whole seconds that never go back."""

    __slots__ = ("_history", "_now", "_open", "_seconds", "_step", "seen_s", "window")

    def __init__(self, now: int) -> None:
        self.window = Sums()
        self.seen_s = 0.0
        self._now = now
        self._seconds: list[Sums | None] = [None] * WINDOW_S
        self._step = 0
        self._open = Sums()
        self._history: bytearray | None = None

    def take(self, given: Sums, over: Sequence[Share], *, now_s: float) -> None:
        """Spread the counts over the seconds that they were counted in; sums are kept exactly."""
        self.advance(int(now_s))
        if given.requests or given.denied or given.transferred:
            self.seen_s = now_s
        self.window.add(given)
        told = Sums()
        for share in over:
            upto, second = share.upto, self._second(share.second)
            requests = given.requests * upto + HALF >> BITS
            errors = given.errors * upto + HALF >> BITS
            denied = given.denied * upto + HALF >> BITS
            transferred = given.transferred * upto + HALF >> BITS
            second.requests += requests - told.requests
            second.errors += errors - told.errors
            second.denied += denied - told.denied
            second.transferred += transferred - told.transferred
            told = Sums(requests, errors, denied, transferred)
        if given.durations:
            self._second(over[-1].second).durations += given.durations

    def _second(self, number: int) -> Sums:
        place = number % WINDOW_S
        found = self._seconds[place]
        if found is None:
            found = self._seconds[place] = Sums()
        return found

    def advance(self, now: int) -> None:
        """Let the seconds that are no longer among the last ten become history."""
        first = self._now - WINDOW_S + 1
        for number in range(first, min(now - WINDOW_S + 1, self._now + 1)):
            second = self._seconds[number % WINDOW_S]
            if second is not None:
                self._seconds[number % WINDOW_S] = None
                self.window.subtract(second)
                self._settle(number // STEP_S, second)
        self._now = max(now, self._now)

    def _settle(self, step: int, second: Sums) -> None:
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
