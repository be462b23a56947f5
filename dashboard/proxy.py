"""The proxy of one instance: what it is to have, what it was sent, and what it has taken."""

from datetime import datetime

import msgspec

from dashboard.pages import PageRequest
from meshcore.proxycfg.state import (
    SHORT,
    Drift,
    ProxyState,
    ReadableResource,
    ResourceState,
    drift,
)
from meshcore.registry.types import Instance


class ResourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Versions are shortened: they are hashes, and only whether two differ says something."""

    kind: str
    name: str
    wanted: str
    sent: str
    acknowledged: str
    is_settled: bool
    json: str


class ProxyShown(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is None while no stream of the proxy comes to this server."""

    instance: Instance
    state: ProxyState | None
    drift: tuple[Drift, ...]
    rows: tuple[ResourceRow, ...]
    bootstrap_line: str

    @property
    def peer(self) -> str:
        """As an address; gRPC writes its family before it."""
        return self.state.stream.peer.partition(":")[2] if self.state else ""

    @property
    def last_sent_at(self) -> datetime | None:
        resources = self.state.resources if self.state else ()
        return max((each.sent_at for each in resources if each.sent_at), default=None)


def proxy_shown(request: PageRequest, proxy: Instance) -> ProxyShown:
    proxies = request.facts.proxies
    state = proxies.state(request.mesh, proxy.key)
    return ProxyShown(
        instance=proxy,
        state=state,
        drift=tuple(drift(state)) if state else (),
        rows=tuple(resource_rows(state, proxies.resources(request.mesh, proxy.key))),
        bootstrap_line=f"tulle proxy --proxy-id {proxy.id} --bootstrap",
    )


def resource_rows(
    state: ProxyState | None, readable: tuple[ReadableResource, ...]
) -> list[ResourceRow]:
    """What is wanted, and what the proxy still has beyond that."""
    texts = {(each.kind, each.name): each for each in readable}
    states = {(each.kind, each.name): each for each in state.resources} if state else {}
    return [
        resource_row(kind, name, states.get((kind, name)), texts.get((kind, name)))
        for kind, name in dict.fromkeys([*texts, *states])
    ]


def resource_row(
    kind: str, name: str, state: ResourceState | None, text: ReadableResource | None
) -> ResourceRow:
    return ResourceRow(
        kind=kind,
        name=name,
        wanted=short(text.version if text else None),
        sent=short(state.sent if state else None),
        acknowledged=short(state.acknowledged if state else None),
        is_settled=state.is_settled if state else True,
        json=text.json if text else "",
    )


def short(version: str | None) -> str:
    return version[:SHORT] if version else "none"
