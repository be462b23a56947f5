"""A bound on how often one proxy is listened to, so that no flood of reports holds up the rest."""

from collections import OrderedDict

import msgspec

A_SECOND = 4.0  # Envoy reports once a second
AT_ONCE = 10.0
MOST_PROXIES = 20_000  # that are remembered; the one that was not heard for longest gives way


class Allowance(msgspec.Struct):
    left: float
    at_s: float


class Allowances:
    def __init__(self) -> None:
        self._known: OrderedDict[object, Allowance] = OrderedDict()

    def takes(self, proxy: object, *, now_s: float) -> bool:
        """Whether this report is one that the proxy may send now."""
        known = self._known.get(proxy)
        if known is None:
            known = self._known[proxy] = Allowance(AT_ONCE, now_s)
            if len(self._known) > MOST_PROXIES:
                self._known.popitem(last=False)
        self._known.move_to_end(proxy)
        passed_s = max(0.0, now_s - known.at_s)
        known.left = min(AT_ONCE, known.left + passed_s * A_SECOND)
        known.at_s = now_s
        if known.left < 1:
            return False
        known.left -= 1
        return True
