"""From the mesh to what one proxy needs, and which changes make it need something else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from meshcore.certificates.holders import instance_leaf_key
from meshcore.config_entries.types import GLOBAL
from meshcore.intentions import matcher
from meshcore.intentions.types import WILDCARD
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.proxycfg import destinations
from meshcore.proxycfg.config import integer, optional_integer, text
from meshcore.proxycfg.endpoints import address_of, toward
from meshcore.proxycfg.types import (
    Authorization,
    Destination,
    DestinationEndpoints,
    LocalApp,
    PublicListener,
    Scope,
    Settings,
    Snapshot,
)
from meshcore.registry.types import CONNECT_PROXY, Instance, InstanceKey, Proxy, Upstream

EndpointsToward = Callable[[Mesh, str], DestinationEndpoints]
AuthorizationOf = Callable[[Mesh, str, Settings], Authorization]


def find(mesh: Mesh, proxy_id: str, *, node: str = "") -> InstanceKey | None:
    """The registration of a proxy that gives its id, and maybe its node."""
    if node:
        return (node, proxy_id) if _sidecar(mesh, (node, proxy_id)) else None
    nodes = mesh.registry.nodes_of_proxies.get(proxy_id, frozenset())
    return min(((node, proxy_id) for node in nodes), default=None)


def authorize(mesh: Mesh, service: str, settings: Settings) -> Authorization:
    records = (
        mesh.intentions.by_destination.get(service),
        mesh.intentions.by_destination.get(WILDCARD),
    )
    is_http = mesh.config_entries.speaks_http(service)
    return Authorization(
        service=service,
        is_http=is_http,
        tree=matcher.tree(
            mesh.intentions.covering(service),
            destination=service,
            is_http=is_http,
            default_allow=settings.default_allow,
        ),
        changed_at=tuple(record.modify_index if record else 0 for record in records),
        revoked_at=tuple(record.value.revoked_at if record else 0 for record in records),
        default_allow=settings.default_allow,
    )


def snapshot(
    mesh: Mesh,
    proxy: InstanceKey,
    settings: Settings,
    *,
    endpoints: EndpointsToward = toward,
    authorization: AuthorizationOf = authorize,
) -> Snapshot | None:
    """None while the proxy is not registered, or the certificate authority not set up."""
    instance = _sidecar(mesh, proxy)
    if instance is None or instance.proxy is None or mesh.certificates.trust is None:
        return None
    service = instance.proxy.destination_service
    config = proxy_config(mesh, instance.proxy)
    upstreams = _upstreams(instance.proxy, settings)
    called = _destinations(mesh, upstreams, service)
    return Snapshot(
        proxy=proxy,
        service=service,
        scope=Scope(datacenter=settings.datacenter, trust_domain=mesh.certificates.trust_domain),
        public=_public(mesh, instance, config),
        local_app=_local_app(mesh, instance.proxy, config),
        authorization=authorization(mesh, service, settings),
        destinations=called,
        upstreams=tuple(destinations.listener(mesh, u, caller=service) for u in upstreams),
        endpoints=tuple(endpoints(mesh, destination.service) for destination in called),
        trust_bundle=mesh.certificates.trust_bundle(),
        leaf=mesh.certificates.leaf(instance_leaf_key(*proxy)),
    )


def refreshed(
    before: Snapshot,
    mesh: Mesh,
    touched: frozenset[WatchKey],
    settings: Settings,
    *,
    endpoints: EndpointsToward = toward,
    authorization: AuthorizationOf = authorize,
) -> Snapshot | None:
    """What `snapshot` gives, when only intentions or only endpoints were touched; else None.

    These two change far more often than the rest, and cost least when made alone.
    """
    if touched <= _intention_keys(before.service):
        decided = authorization(mesh, before.service, settings)
        return msgspec.structs.replace(before, authorization=decided)
    called = {watch.destination(d.service): d.service for d in before.destinations}
    if touched <= called.keys():
        moved = {called[key] for key in touched}
        reached = tuple(
            endpoints(mesh, e.service) if e.service in moved else e for e in before.endpoints
        )
        return msgspec.structs.replace(before, endpoints=reached)
    return None


def watch_keys(mesh: Mesh, proxy: InstanceKey, settings: Settings) -> frozenset[WatchKey]:
    """Exactly what the snapshot depends on; of a proxy that is not there, its registration."""
    return frozenset(_watch_keys(mesh, proxy, settings))


def proxy_config(mesh: Mesh, proxy: Proxy) -> Mapping[str, Any]:
    """The opaque config of the instance over that of all proxies."""
    everywhere = mesh.config_entries.proxy_defaults()
    return {**(everywhere.config if everywhere else {}), **proxy.config}


def _sidecar(mesh: Mesh, key: InstanceKey) -> Instance | None:
    instance = mesh.registry.instance(key)
    is_sidecar = instance is not None and instance.kind == CONNECT_PROXY
    return instance if is_sidecar else None


def _upstreams(proxy: Proxy, settings: Settings) -> tuple[Upstream, ...]:
    return tuple(destinations.callable_upstreams(proxy, datacenter=settings.datacenter))


def _destinations(
    mesh: Mesh, upstreams: tuple[Upstream, ...], caller: str
) -> tuple[Destination, ...]:
    """One for each service: where two upstreams lead to the same, the first one's tuning holds."""
    first: dict[str, Upstream] = {}
    for upstream in upstreams:
        first.setdefault(upstream.destination_name, upstream)
    return tuple(destinations.destination(mesh, u, caller=caller) for u in first.values())


def _public(mesh: Mesh, instance: Instance, config: Mapping[str, Any]) -> PublicListener:
    assert instance.proxy is not None
    service = instance.proxy.destination_service
    defaults = mesh.config_entries.service_defaults(service)
    request_timeout = optional_integer(instance.proxy.config, "local_request_timeout_ms")
    if request_timeout is None and defaults and defaults.local_request_timeout_ms:
        request_timeout = defaults.local_request_timeout_ms
    if request_timeout is None:
        request_timeout = optional_integer(config, "local_request_timeout_ms")
    balance = text(instance.proxy.config, "balance_inbound_connections") or (
        defaults.balance_inbound_connections if defaults else ""
    )
    return PublicListener(
        service=service,
        protocol=mesh.config_entries.protocol(service),
        address=text(config, "bind_address") or address_of(mesh, instance),
        port=integer(config, "bind_port") or instance.port,
        max_connections=_max_connections(mesh, instance.proxy),
        request_timeout_ms=request_timeout,
        idle_timeout_ms=optional_integer(config, "local_idle_timeout_ms"),
        balance_connections=balance == "exact_balance",
        listener_json=text(config, "envoy_public_listener_json"),
    )


def _local_app(mesh: Mesh, proxy: Proxy, config: Mapping[str, Any]) -> LocalApp:
    defaults = mesh.config_entries.service_defaults(proxy.destination_service)
    connect_timeout = (
        integer(proxy.config, "local_connect_timeout_ms")
        or (defaults.local_connect_timeout_ms if defaults else 0)
        or integer(config, "local_connect_timeout_ms", destinations.CONNECT_TIMEOUT_MS)
    )
    return LocalApp(
        protocol=mesh.config_entries.protocol(proxy.destination_service),
        address=proxy.local_service_address or destinations.LOOPBACK,
        port=proxy.local_service_port,
        socket_path=proxy.local_service_socket_path,
        connect_timeout_ms=connect_timeout,
        max_connections=_max_connections(mesh, proxy),
        cluster_json=text(config, "envoy_local_cluster_json"),
    )


def _max_connections(mesh: Mesh, proxy: Proxy) -> int:
    defaults = mesh.config_entries.service_defaults(proxy.destination_service)
    own = integer(proxy.config, "max_inbound_connections")
    return own or (defaults.max_inbound_connections if defaults else 0)


def _intention_keys(service: str) -> frozenset[WatchKey]:
    return frozenset((watch.intentions(service), watch.intentions(WILDCARD)))


def _watch_keys(mesh: Mesh, proxy: InstanceKey, settings: Settings) -> Iterator[WatchKey]:
    yield watch.instance(*proxy)
    yield watch.ROOTS
    instance = _sidecar(mesh, proxy)
    if instance is None or instance.proxy is None:
        return
    service = instance.proxy.destination_service
    yield watch.leaf(instance_leaf_key(*proxy))
    if not instance.address:
        yield watch.node(proxy[0])  # for its address
    yield watch.config_entry("proxy-defaults", GLOBAL)
    yield watch.config_entry("service-defaults", service)
    yield from _intention_keys(service)
    for upstream in _upstreams(instance.proxy, settings):
        yield watch.destination(upstream.destination_name)
        yield watch.config_entry("service-defaults", upstream.destination_name)
