"""The newest entries of the log, in memory: what is shown of them live costs no query."""

import threading
from collections import deque
from collections.abc import Sequence

from meshcore.store.log import Entry

RECENT = 2000  # some megabytes; what is older is read from the database


class Recent:
    """Written by the store's thread, read by any."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=RECENT)
        self._lock = threading.Lock()

    def add(self, entries: Sequence[Entry]) -> None:
        """Oldest first; they follow what is there."""
        with self._lock:
            self._entries.extend(entries)

    def newest_first(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)[::-1]
