"""What is told to open tabs is made with this."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec

from dashboard.facts import Facts
from meshcore.store.store import Store


class Clock(msgspec.Struct):
    """When this process first saw an index, about: it looks at least with every heartbeat."""

    index: int = -1
    since: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))

    def at(self, index: int) -> datetime:
        if index > self.index:
            self.index, self.since = index, datetime.now(UTC)
        return self.since


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub and all that belongs to it work with."""

    store: Store
    facts: Facts
    threads: ThreadPoolExecutor
    clock: Clock = msgspec.field(default_factory=Clock)
