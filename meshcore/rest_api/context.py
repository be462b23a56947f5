"""What the views of this process work on; the composition root provides it at the start."""

import msgspec

from meshcore.store.store import Store


class Provided(msgspec.Struct):
    store: Store | None = None


PROVIDED = Provided()


def provide(store: Store) -> None:
    PROVIDED.store = store


def store() -> Store:
    assert PROVIDED.store is not None, "the store is provided before the first request"
    return PROVIDED.store
