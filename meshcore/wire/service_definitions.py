"""Registrations of services as clients write them, and the instances that they mean."""

from typing import Any

import msgspec

from meshcore.registry.types import Address, ExposedPath, Instance, Proxy, Upstream, Weights
from meshcore.wire.check_definitions import CheckIn
from meshcore.wire.names import In

Meta = dict[str, str] | None


class AddressIn(In, frozen=True, kw_only=True):
    address: str = ""
    port: int = 0


class WeightsIn(In, frozen=True, kw_only=True):
    passing: int = 1
    warning: int = 1


class UpstreamIn(In, frozen=True, kw_only=True):
    destination_type: str = ""
    destination_name: str = ""
    datacenter: str = ""
    local_bind_address: str = ""
    local_bind_port: int = 0
    local_bind_socket_path: str = ""
    local_bind_socket_mode: str = ""
    config: dict[str, Any] | None = None
    mesh_gateway: dict[str, Any] | None = None


class ExposedPathIn(In, frozen=True, kw_only=True):
    listener_port: int = 0
    path: str = ""
    local_path_port: int = 0
    protocol: str = ""


class ExposeIn(In, frozen=True, kw_only=True):
    checks: bool = False
    paths: list[ExposedPathIn] | None = None


class ProxyIn(In, frozen=True, kw_only=True):
    destination_service_name: str = ""
    destination_service_id: str = ""
    local_service_address: str = ""
    local_service_port: int = 0
    local_service_socket_path: str = ""
    mode: str = ""
    config: dict[str, Any] | None = None
    upstreams: list[UpstreamIn] | None = None
    mesh_gateway: dict[str, Any] | None = None
    expose: ExposeIn | None = None
    transparent_proxy: dict[str, Any] | None = None
    envoy_extensions: list[dict[str, Any]] | None = None
    access_logs: dict[str, Any] | None = None


class SidecarIn(In, frozen=True, kw_only=True):
    """A sidecar that its parent's registration asks for; every field may be left out."""

    id: str = ""
    name: str = ""
    kind: str = ""
    tags: list[str] | None = None
    port: int = 0
    address: str = ""
    socket_path: str = ""
    tagged_addresses: dict[str, AddressIn] | None = None
    meta: Meta = None
    weights: WeightsIn | None = None
    enable_tag_override: bool = False
    check: CheckIn | None = None
    checks: list[CheckIn] | None = None
    proxy: ProxyIn | None = None
    locality: dict[str, str] | None = None


class ConnectIn(In, frozen=True, kw_only=True):
    native: bool = False
    sidecar_service: SidecarIn | None = None


class ServiceIn(SidecarIn, frozen=True, kw_only=True):
    """The body of agent/service/register."""

    connect: ConnectIn | None = None
    token: str = ""


class CatalogServiceIn(In, frozen=True, kw_only=True):
    """The Service of catalog/register."""

    id: str = ""
    service: str = ""
    kind: str = ""
    tags: list[str] | None = None
    port: int = 0
    address: str = ""
    socket_path: str = ""
    tagged_addresses: dict[str, AddressIn] | None = None
    meta: Meta = None
    weights: WeightsIn | None = None
    enable_tag_override: bool = False
    proxy: ProxyIn | None = None
    connect: ConnectIn | None = None
    locality: dict[str, str] | None = None


def instance_of(given: ServiceIn, *, node: str) -> Instance:
    """The instance that an agent registers; its address is tagged as Consul's agents do it."""
    instance = _instance(given, node=node, service=given.name, connect=given.connect)
    if instance.tagged_addresses or not _is_ipv4(instance.address):
        return instance
    own = Address(instance.address, instance.port)
    return msgspec.structs.replace(instance, tagged_addresses={"lan_ipv4": own, "wan_ipv4": own})


def catalog_instance_of(given: CatalogServiceIn, *, node: str) -> Instance:
    return _instance(given, node=node, service=given.service, connect=given.connect)


def sidecar_of(given: SidecarIn) -> Instance:
    """What the registration says of its sidecar; the registry fills in the rest."""
    sidecar = _instance(given, node="", service=given.name, connect=None)
    return msgspec.structs.replace(sidecar, id=given.id)  # it follows from the parent's, not a name


def _instance(
    given: SidecarIn | CatalogServiceIn, *, node: str, service: str, connect: ConnectIn | None
) -> Instance:
    tagged = given.tagged_addresses
    return Instance(
        node=node,
        id=given.id or service,
        service=service,
        kind=given.kind,
        tags=tuple(given.tags) if given.tags else (),
        address=given.address,
        port=given.port,
        socket_path=given.socket_path,
        tagged_addresses={n: Address(a.address, a.port) for n, a in tagged.items()}
        if tagged
        else {},
        meta=given.meta or {},
        weights=_weights(given.weights),
        enable_tag_override=given.enable_tag_override,
        is_connect_native=connect is not None and connect.native,
        proxy=_proxy(given.proxy) if given.proxy else None,
        locality=given.locality or None,
    )


def _weights(given: WeightsIn | None) -> Weights:
    """Go's client writes two zeros for what it was not told."""
    if given is None or not (given.passing or given.warning):
        return Weights()
    return Weights(given.passing, given.warning)


def _proxy(given: ProxyIn) -> Proxy:
    expose = given.expose or ExposeIn()
    return Proxy(
        destination_service=given.destination_service_name,
        destination_id=given.destination_service_id,
        local_service_address=given.local_service_address,
        local_service_port=given.local_service_port,
        local_service_socket_path=given.local_service_socket_path,
        mode=given.mode,
        config=given.config or {},
        upstreams=tuple(map(_upstream, given.upstreams or ())),
        mesh_gateway=given.mesh_gateway or {},
        expose_checks=expose.checks,
        exposed_paths=tuple(map(_path, expose.paths or ())),
        transparent_proxy=given.transparent_proxy or {},
        envoy_extensions=tuple(given.envoy_extensions or ()),
        access_logs=given.access_logs or {},
    )


def _upstream(given: UpstreamIn) -> Upstream:
    return Upstream(
        destination_name=given.destination_name,
        destination_type=given.destination_type or "service",
        datacenter=given.datacenter,
        local_bind_address=given.local_bind_address,
        local_bind_port=given.local_bind_port,
        local_bind_socket_path=given.local_bind_socket_path,
        local_bind_socket_mode=given.local_bind_socket_mode,
        config=given.config or {},
        mesh_gateway=given.mesh_gateway or {},
    )


def _path(given: ExposedPathIn) -> ExposedPath:
    return ExposedPath(
        path=given.path,
        listener_port=given.listener_port,
        local_path_port=given.local_path_port,
        protocol=given.protocol or "http",
    )


def _is_ipv4(address: str) -> bool:
    parts = address.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)
