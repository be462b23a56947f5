"""What the dashboard of this process works on; the composition root provides it at the start."""

import msgspec

from dashboard.attempts import Attempts
from dashboard.facts import Facts
from dashboard.hosts import Hosts
from dashboard.live.hub import Hub
from dashboard.one_time_links import OneTimeLinks
from meshcore.logins.key_sets import KeySets
from meshcore.store.callers import Callers
from meshcore.store.history import History
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store


class Context(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    callers: Callers
    issuer: Issuer
    history: History
    facts: Facts
    hub: Hub
    hosts: Hosts = Hosts()
    key_sets: KeySets = msgspec.field(default_factory=KeySets)
    attempts: Attempts = msgspec.field(default_factory=Attempts)
    links: OneTimeLinks = msgspec.field(default_factory=OneTimeLinks)


class Provided(msgspec.Struct):
    context: Context | None = None


PROVIDED = Provided()


def provide(context: Context) -> None:
    PROVIDED.context = context


def provided() -> Context:
    assert PROVIDED.context is not None, "it is provided before the first request"
    return PROVIDED.context
