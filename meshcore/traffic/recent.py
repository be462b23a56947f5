"""What was counted of one thing over the last ten seconds: every second apart, and their sum, so
that asking costs nothing.
"""

from collections.abc import Sequence

import msgspec

WINDOW_S = 10
BITS = 16
WHOLE = 1 << BITS
HALF = WHOLE >> 1


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


class Recent:
    """`seen_s` is when anything was counted last. `now` are whole seconds that never go back."""

    __slots__ = ("_now", "_seconds", "seen_s", "window")

    def __init__(self, now: int) -> None:
        self.window = Sums()
        self.seen_s = 0.0
        self._now = now
        self._seconds: list[Sums | None] = [None] * WINDOW_S

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
        """Let the seconds that are no longer among the last ten go."""
        if now <= self._now:
            return
        first = self._now - WINDOW_S + 1
        for number in range(first, min(now - WINDOW_S + 1, self._now + 1)):
            second = self._seconds[number % WINDOW_S]
            if second is not None:
                self._seconds[number % WINDOW_S] = None
                self.window.subtract(second)
                self._leave(number, second)
        self._now = now

    def _leave(self, number: int, second: Sums) -> None:
        """Nobody wants to know it any more."""
