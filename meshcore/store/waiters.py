"""Who waits for which watch key: a change finds those whom it concerns without asking all."""

import logging
from collections.abc import Callable, Collection

from meshcore.mesh.types import Mesh, WatchKey

Callback = Callable[[Mesh, frozenset[WatchKey]], None]

logger = logging.getLogger(__name__)


class Waiters:
    """Used from one thread at a time: an event loop has its own."""

    def __init__(self) -> None:
        self._by_key: dict[WatchKey, dict[Subscription, None]] = {}

    def subscribe(self, watch_keys: Collection[WatchKey], callback: Callback) -> "Subscription":
        subscription = Subscription(self._by_key, callback)
        subscription.watch(watch_keys)
        return subscription

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def wake(self, mesh: Mesh, touched: Collection[WatchKey]) -> None:
        """Call each one concerned once, with all of its keys that were touched."""
        concerned: dict[Subscription, frozenset[WatchKey]] = {}
        for key in touched:
            if (subscriptions := self._by_key.get(key)) is None:
                continue
            alone = frozenset((key,))  # shared: thousands may wait for this one key
            for subscription in subscriptions:
                before = concerned.get(subscription)
                concerned[subscription] = alone if before is None else before | alone
        for subscription, keys in concerned.items():
            try:
                subscription.callback(mesh, keys)
            except Exception:  # a bug of one of them must not leave the others asleep
                logger.exception("a callback failed for %s", sorted(keys))


class Subscription:
    __slots__ = ("_by_key", "_watched", "callback")

    def __init__(
        self, by_key: "dict[WatchKey, dict[Subscription, None]]", callback: Callback
    ) -> None:
        self._by_key = by_key
        self._watched: frozenset[WatchKey] = frozenset()
        self.callback = callback

    def watch(self, watch_keys: Collection[WatchKey]) -> None:
        """Replace what is watched; changes from now on count, so read the mesh after this."""
        wanted = frozenset(watch_keys)
        for key in self._watched - wanted:
            subscriptions = self._by_key[key]
            del subscriptions[self]
            if not subscriptions:
                del self._by_key[key]
        for key in wanted - self._watched:
            self._by_key.setdefault(key, {})[self] = None
        self._watched = wanted

    def close(self) -> None:
        self.watch(())
