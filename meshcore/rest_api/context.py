"""What the views of this process work on; the composition root provides it at the start."""

import msgspec

from meshcore.store.callers import Callers
from meshcore.store.graphs import Graphs
from meshcore.store.history import History
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.traffic.live import Traffic


class Context(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    callers: Callers
    graphs: Graphs
    history: History
    issuer: Issuer
    traffic: Traffic = msgspec.field(default_factory=Traffic)


class Provided(msgspec.Struct):
    context: Context | None = None


PROVIDED = Provided()


def provide(context: Context) -> None:
    PROVIDED.context = context


def provided() -> Context:
    assert PROVIDED.context is not None, "it is provided before the first request"
    return PROVIDED.context
