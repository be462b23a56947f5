"""A bound on how much one proxy is listened to, so that no flood of reports holds up the rest.

A report costs one, and a large one as many as it has parts of 64 KiB, which take about 5 ms to
read: whatever a proxy sends, it takes no more than a fiftieth of a core.
"""

from collections import OrderedDict

import msgspec

from meshcore.registry.types import InstanceKey

A_SECOND = 4.0  # Envoy reports once a second
AT_ONCE = 10.0
PART = 64 * 1024  # bytes; what a usual proxy says in one report is 2,000
LARGEST = int(AT_ONCE) * PART
MOST_PROXIES = 20_000  # that are remembered; the one that was not heard for longest gives way


class Allowance(msgspec.Struct):
    left: float
    at_s: float


class Allowances:
    def __init__(self) -> None:
        self._known: OrderedDict[InstanceKey, Allowance] = OrderedDict()

    def takes(self, proxy: InstanceKey, *, size: int, now_s: float) -> bool:
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
        cost = max(1.0, size / PART)
        if known.left < cost:
            return False
        known.left -= cost
        return True
