"""How often somebody may try to log in and fail."""

import threading
from collections import deque
from datetime import datetime, timedelta
from math import ceil

WINDOW = timedelta(minutes=1)
MOST_OF_ONE = 10
MOST_OF_ALL = 100  # also what is kept at most: each failure is one entry


class Attempts:
    """Counts failures alone, so that whoever has a token is not kept out by using it."""

    def __init__(self) -> None:
        self._failures: deque[tuple[datetime, str]] = deque(maxlen=MOST_OF_ALL)
        self._lock = threading.Lock()

    def wait_s(self, peer: str, *, now: datetime) -> int:
        """For how long this peer is to wait; 0 when it may try."""
        with self._lock:
            while self._failures and self._failures[0][0] <= now - WINDOW:
                self._failures.popleft()
            own = [at for at, of in self._failures if of == peer]
            full = [own[-MOST_OF_ONE]] if len(own) >= MOST_OF_ONE else []
            if len(self._failures) >= MOST_OF_ALL:
                full.append(self._failures[0][0])
        return ceil((max(full) + WINDOW - now).total_seconds()) if full else 0

    def failed(self, peer: str, *, now: datetime) -> None:
        with self._lock:
            self._failures.append((now, peer))
