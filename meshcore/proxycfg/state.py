"""How far each proxy has come with what it is to have: wanted, sent, acknowledged.

What an Envoy runs is what it has acknowledged: it takes a resource as a whole or refuses it, and
goes on with the one before. So nobody has to ask its admin port, which is bound to its own machine.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from meshcore.mesh.types import Mesh
from meshcore.registry.types import InstanceKey

ResourceKind = Literal["cluster", "endpoints", "secret", "listener", "route", "extension config"]
SHORT = 6  # characters of a version: enough to see that two differ


class Nack(msgspec.Struct, frozen=True, kw_only=True):
    """What a proxy refused, and why."""

    kind: ResourceKind
    names: tuple[str, ...]
    message: str
    at: datetime


class ResourceState(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of one resource; None where there is to be none, or where there is none."""

    kind: ResourceKind
    name: str
    wanted: str | None
    sent: str | None
    acknowledged: str | None
    sent_at: datetime | None = None  # when something of this kind was sent last
    is_asked_for: bool = True
    refusal: str = ""

    @property
    def is_settled(self) -> bool:
        """What nothing that the proxy has refers to, it does not ask for, and need not have."""
        is_idle = not self.is_asked_for and self.sent is None
        return self.wanted == self.acknowledged or is_idle


class ConnectedProxy(msgspec.Struct, frozen=True, kw_only=True):
    """One stream at the moment of looking; `proxy` is None while it waits for its registration."""

    proxy_id: str
    proxy: InstanceKey | None
    peer: str
    since: datetime
    accessor: str
    envoy_version: str
    pushes: int
    unsettled: int  # resources that are not acknowledged as they were last made
    nacks: tuple[Nack, ...]


class ProxyState(msgspec.Struct, frozen=True, kw_only=True):
    stream: ConnectedProxy
    resources: tuple[ResourceState, ...]

    @property
    def is_settled(self) -> bool:
        return all(resource.is_settled for resource in self.resources)


class ReadableResource(msgspec.Struct, frozen=True, kw_only=True):
    """As Envoy's own JSON, with every secret in it replaced."""

    kind: ResourceKind
    name: str
    version: str
    json: str


class Proxies(Protocol):
    """Who is connected to this server, for doors that do not know xDS."""

    def connected(self) -> tuple[ConnectedProxy, ...]: ...

    def keys(self) -> frozenset[InstanceKey]: ...

    def state(self, mesh: Mesh, proxy: InstanceKey) -> ProxyState | None:
        """The state of its newest stream; None while it has none to this server."""

    def resources(self, mesh: Mesh, proxy: InstanceKey) -> tuple[ReadableResource, ...]:
        """What the proxy is to have, connected or not; raise NotFoundError for what is none."""

    def nacked(self) -> int:
        """How often a resource was refused since this server began."""

    def cut(self) -> int:
        """How many streams were ended because their proxy did not read what it was sent."""


class NoProxies:
    """Of a process that serves no xDS."""

    def connected(self) -> tuple[ConnectedProxy, ...]:
        return ()

    def keys(self) -> frozenset[InstanceKey]:
        return frozenset()

    def state(self, mesh: Mesh, proxy: InstanceKey) -> None:
        return None

    def resources(self, mesh: Mesh, proxy: InstanceKey) -> tuple[ReadableResource, ...]:
        return ()

    def nacked(self) -> int:
        return 0

    def cut(self) -> int:
        return 0


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One resource that a proxy does not have as it should."""

    kind: ResourceKind
    name: str
    sentence: str
    sent_at: datetime | None


def drift(state: ProxyState) -> Iterator[Drift]:
    for each in state.resources:
        if not each.is_settled:
            sentence = ", ".join(_clauses(each))
            yield Drift(kind=each.kind, name=each.name, sentence=sentence, sent_at=each.sent_at)


def _clauses(each: ResourceState) -> Iterator[str]:
    yield f"wanted in version {each.wanted[:SHORT]}" if each.wanted else "to be removed"
    if each.acknowledged is not None:
        yield f"acknowledged in {each.acknowledged[:SHORT]}"
    else:
        yield "never acknowledged"
    if each.refusal:
        yield f"refused: {each.refusal}"
    elif each.sent != each.wanted:
        yield "not sent yet"
    else:
        yield "sent and not answered yet"
