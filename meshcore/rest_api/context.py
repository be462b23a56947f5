"""What the views of this process work on; the composition root provides it at the start."""

import msgspec

from meshcore.store.callers import Callers
from meshcore.store.store import Store


class Provided(msgspec.Struct):
    store: Store | None = None
    callers: Callers | None = None


PROVIDED = Provided()


def provide(*, store: Store, callers: Callers) -> None:
    PROVIDED.store = store
    PROVIDED.callers = callers


def store() -> Store:
    assert PROVIDED.store is not None, "the store is provided before the first request"
    return PROVIDED.store


def callers() -> Callers:
    assert PROVIDED.callers is not None, "the callers are provided before the first request"
    return PROVIDED.callers
