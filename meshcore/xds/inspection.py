"""What people may look at of the streams: states, drift, and resources without their secrets.

It is asked from any thread, while the event loop goes on changing what it looks at; so whatever can
change is copied before it is gone through.
"""

from collections.abc import Iterator, Mapping

import msgspec

from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.proxycfg.snapshot import snapshot
from meshcore.proxycfg.state import ConnectedProxy, ProxyState, ReadableResource, ResourceState
from meshcore.proxycfg.types import Settings
from meshcore.registry.types import InstanceKey
from meshcore.store.issuer import Issuer
from meshcore.xds import resource_set
from meshcore.xds.names import KINDS
from meshcore.xds.readable import readable
from meshcore.xds.resources import Resource
from meshcore.xds.stream import DeltaStream
from meshcore.xds.streams import OpenStream, Streams

Wanted = Mapping[str, Mapping[str, Resource]]  # by type and name


class Inspection(msgspec.Struct, frozen=True):
    """The streams of one server; see `Proxies` for what each answers."""

    streams: Streams
    issuer: Issuer
    settings: Settings

    def connected(self) -> tuple[ConnectedProxy, ...]:
        found = sorted(self.streams.open, key=lambda each: (each.proxy_id, each.since))
        return tuple(connected(stream) for stream in found)

    def keys(self) -> frozenset[InstanceKey]:
        streams = tuple(self.streams.open)
        return frozenset(stream.proxy for stream in streams if stream.proxy is not None)

    def state(self, mesh: Mesh, proxy: InstanceKey) -> ProxyState | None:
        stream = self._newest(proxy)
        if stream is None:
            return None
        wanted = self._wanted(mesh, proxy) or offered(stream.protocol)
        return ProxyState(stream=connected(stream), resources=tuple(states(stream, wanted)))

    def resources(self, mesh: Mesh, proxy: InstanceKey) -> tuple[ReadableResource, ...]:
        wanted = self._wanted(mesh, proxy)
        if wanted is None:
            raise NotFoundError(f"there is no sidecar {proxy[1]} on {proxy[0]}")
        return tuple(readable(each) for by_name in wanted.values() for each in by_name.values())

    def nacked(self) -> int:
        open_now = tuple(self.streams.open)
        return self.streams.nacked + sum(stream.protocol.nacked for stream in open_now)

    def cut(self) -> int:
        return self.streams.cut

    def _newest(self, proxy: InstanceKey) -> OpenStream | None:
        streams = (stream for stream in tuple(self.streams.open) if stream.proxy == proxy)
        return max(streams, key=lambda stream: stream.since, default=None)

    def _wanted(self, mesh: Mesh, proxy: InstanceKey) -> Wanted | None:
        wanted = snapshot(mesh, proxy, self.settings)
        if wanted is None:
            return None
        key = self.issuer.private_key_pem(wanted.leaf) if wanted.leaf else ""
        return {
            type_: resource_set.resources(type_, wanted, private_key_pem=key) for type_ in KINDS
        }


def connected(stream: OpenStream) -> ConnectedProxy:
    return ConnectedProxy(
        proxy_id=stream.proxy_id,
        proxy=stream.proxy,
        peer=stream.peer,
        since=stream.since,
        accessor=stream.accessor,
        envoy_version=stream.envoy_version,
        pushes=stream.pushes,
        unsettled=unsettled(stream),
        nacks=tuple(stream.protocol.nacks),
    )


def unsettled(stream: OpenStream) -> int:
    """Nearly always nothing, and then found without a look at each of thousands of resources."""
    subscriptions = stream.protocol.subscriptions.values()
    if not any(each.is_stale or each.in_flight or each.refused for each in subscriptions):
        return 0
    resources = states(stream, offered(stream.protocol))
    return sum(not resource.is_settled for resource in resources)


def offered(protocol: DeltaStream) -> Wanted:
    return {type_: each.offered or {} for type_, each in protocol.subscriptions.items()}


def states(stream: OpenStream, wanted: Wanted) -> Iterator[ResourceState]:
    for type_, subscription in stream.protocol.subscriptions.items():
        now = wanted.get(type_, {})
        known, confirmed = dict(subscription.known), dict(subscription.confirmed)
        has = [name for name in (*known, *confirmed) if known.get(name) or name in confirmed]
        names, refused = set(subscription.names), set(subscription.refused)
        for name in sorted({*now, *has}):
            yield ResourceState(
                kind=KINDS[type_],
                name=name,
                wanted=now[name].version if name in now else None,
                sent=known.get(name),
                acknowledged=confirmed.get(name),
                sent_at=stream.sent_at.get(type_),
                is_asked_for=subscription.is_wildcard or name in names,
                refusal=_refusal(stream.protocol, type_, name) if name in refused else "",
            )


def _refusal(protocol: DeltaStream, type_: str, name: str) -> str:
    """A client refuses a response as a whole; Envoy's message names what in it was at fault."""
    for nack in reversed(tuple(protocol.nacks)):
        if nack.kind == KINDS[type_] and name in nack.names:
            is_at_fault = len(nack.names) == 1 or name in nack.message
            return nack.message if is_at_fault else f"together with others: {nack.message}"
    return "why is no longer known"
