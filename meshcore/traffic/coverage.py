"""For how much of each second something was reported at all.

A rate is a count by the time that was counted in, and not by the length of the window: a server
that has just started, a proxy that was away for a while and one that reports at the wrong moment
then have the rate that there was, and not a part of it. Of several proxies that report for the same
second, each for its part, the second counts as covered as far as it is on average.
"""

from array import array
from collections.abc import Sequence

from meshcore.traffic.tally import STEP_S, STEPS, WINDOW_S, Share

NEVER = -1


class Coverage:
    __slots__ = ("_covered", "_now", "_reporting", "_step_numbers", "_steps")

    def __init__(self, now: int) -> None:
        self._now = now
        self._covered = [0.0] * WINDOW_S
        self._reporting = [0] * WINDOW_S
        self._steps = array("f", bytes(4 * STEPS))
        self._step_numbers = array("L", [0] * STEPS)

    def take(self, over: Sequence[Share], *, now: int, reported: int = NEVER) -> None:
        """`reported` is the last second that the same proxy has already covered a part of."""
        self.advance(now)
        for share in over:
            place = share.second % WINDOW_S
            self._covered[place] += share.seconds
            self._reporting[place] += share.second > reported

    def advance(self, now: int) -> None:
        first = self._now - WINDOW_S + 1
        for number in range(first, min(now - WINDOW_S + 1, self._now + 1)):
            place = number % WINDOW_S
            self._settle(number // STEP_S, self._part(place))
            self._covered[place] = 0.0
            self._reporting[place] = 0
        self._now = max(now, self._now)

    def _part(self, place: int) -> float:
        reporting = self._reporting[place]
        return min(1.0, self._covered[place] / reporting) if reporting else 0.0

    def _settle(self, step: int, seconds: float) -> None:
        place = step % STEPS
        if self._step_numbers[place] != step:
            self._step_numbers[place] = step
            self._steps[place] = 0.0
        self._steps[place] += seconds

    def window_s(self) -> float:
        """How many of the last ten seconds are covered."""
        pairs = zip(self._covered, self._reporting, strict=True)
        return sum(min(1.0, covered / reporting) for covered, reporting in pairs if reporting)

    def steps(self) -> dict[int, float]:
        known = dict(zip(self._step_numbers, self._steps, strict=True))
        known.pop(0, None)
        for number in range(self._now - WINDOW_S + 1, self._now + 1):
            step = number // STEP_S
            known[step] = known.get(step, 0.0) + self._part(number % WINDOW_S)
        oldest = self._now // STEP_S - STEPS
        return {step: seconds for step, seconds in known.items() if step >= oldest and seconds}
