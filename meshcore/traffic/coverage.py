"""For how much of each second something was reported at all.

A rate is a count by the time that was counted in, and not by the length of the window: a server
that has just started, a proxy that was away for a while and one that reports at the wrong moment
then have the rate that there was, and not a part of it.

Of several proxies a second counts as covered as far as it is on average. So one that has not
reported yet is expected to for as long as its reports usually cover: of two proxies, one has said
everything up to 10.2 s, the other up to 9.7; so a tenth of the second from 10 to 11 is covered.

A report that is late leaves a gap, and the next one covers a part of a second twice. That counts
twice: cut off, the gap alone would count, and all rates be higher by a tenth on a busy machine.
"""

from array import array
from collections.abc import Sequence
from math import ceil

from meshcore.traffic.recent import WINDOW_S, Share
from meshcore.traffic.tally import STEP_S, STEPS

NEVER = -1
MOST_AHEAD = 5  # seconds that a proxy is expected to report of
# Of less nothing can be told: one call in the last millisecond of a report is no thousand a second.
LEAST_S = 0.5
RING = WINDOW_S + MOST_AHEAD + 1


class Coverage:
    __slots__ = ("_covered", "_now", "_reporting", "_step_numbers", "_steps")

    def __init__(self, now: int) -> None:
        self._now = now
        self._covered = [0.0] * RING
        self._reporting = [0] * RING
        self._steps = array("f", bytes(4 * STEPS))
        self._step_numbers = array("L", [0] * STEPS)

    def take(
        self, over: Sequence[Share], *, now: int, interval_s: float = 1.0, expected: int = NEVER
    ) -> int:
        """`expected` is what this returned for the same proxy the last time: the last second that
        it is expected to report of."""
        self.advance(now)
        for share in over:
            self._covered[share.second % RING] += share.seconds
        last = over[-1].second + min(ceil(interval_s), MOST_AHEAD)
        for second in range(max(over[0].second, expected + 1), last + 1):
            self._reporting[second % RING] += 1
        return max(expected, last)

    def advance(self, now: int) -> None:
        if now <= self._now:
            return
        first = self._now - WINDOW_S + 1
        for number in range(first, min(now - WINDOW_S + 1, self._now + MOST_AHEAD + 2)):
            self._settle(number // STEP_S, self._part(number))
            self._covered[number % RING] = 0.0
            self._reporting[number % RING] = 0
        self._now = now

    def _part(self, second: int) -> float:
        reporting = self._reporting[second % RING]
        return self._covered[second % RING] / reporting if reporting else 0.0

    def _settle(self, step: int, seconds: float) -> None:
        place = step % STEPS
        if self._step_numbers[place] != step:
            self._step_numbers[place] = step
            self._steps[place] = 0.0
        self._steps[place] += seconds

    def window_s(self) -> float:
        """How many of the last ten seconds are covered."""
        return enough(sum(map(self._part, self._window())))

    def _window(self) -> range:
        return range(self._now - WINDOW_S + 1, self._now + 1)

    def steps(self) -> dict[int, float]:
        known = dict(zip(self._step_numbers, self._steps, strict=True))
        known.pop(0, None)
        for number in self._window():
            step = number // STEP_S
            known[step] = known.get(step, 0.0) + self._part(number)
        oldest = self._now // STEP_S - STEPS
        return {step: s for step, s in known.items() if step >= oldest and enough(s)}


def enough(seconds: float) -> float:
    return seconds if seconds >= LEAST_S else 0.0
