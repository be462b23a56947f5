"""How many blocking queries one client may have waiting: each one holds a connection open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from meshcore.wire.errors import Refusal

MOST_OF_ONE_CLIENT = 10_000  # half of the files that a process may commonly have open

BLOCKING_QUERIES = Gauge("tulle_http_blocking_queries", "Blocking queries that wait.")


class Waiting:
    """Counted by whom the query is from: the token that was presented, else the peer's address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_client: Counter[str] = Counter()

    @contextmanager
    def one_of(self, client: str) -> Iterator[None]:
        """Raise Refusal for one more than may wait."""
        if self._by_client[client] >= self._most:
            raise Refusal(
                429,
                f"Too many blocking queries: {self._most} from {client} are waiting already;"
                " end some of them, or ask without index and hash",
            )
        self._by_client[client] += 1
        BLOCKING_QUERIES.inc()
        try:
            yield
        finally:
            BLOCKING_QUERIES.dec()
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]
