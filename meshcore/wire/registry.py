"""Nodes, instances and checks as Consul writes them; UNSET fields are left out."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET, UnsetType

from meshcore.lib.records import Record
from meshcore.registry.types import Check, Instance, Node
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.names import Out
from meshcore.wire.proxies import ProxyOut, proxy_out


class NodeOut(Out, frozen=True, kw_only=True):
    id: str
    node: str
    address: str
    datacenter: str
    tagged_addresses: dict[str, str] | None
    meta: dict[str, str]
    locality: dict[str, str] | UnsetType = UNSET
    create_index: int
    modify_index: int


class AddressOut(Out, frozen=True, kw_only=True):
    address: str
    port: int


class WeightsOut(Out, frozen=True, kw_only=True):
    passing: int
    warning: int


class ConnectOut(Out, frozen=True, kw_only=True):
    native: bool | UnsetType = UNSET


class ServiceOut(Out, frozen=True, kw_only=True):
    """An instance beside or without its node."""

    kind: str | UnsetType = UNSET
    id: str
    service: str
    tags: tuple[str, ...]
    address: str
    tagged_addresses: dict[str, AddressOut] | UnsetType = UNSET
    meta: dict[str, str]
    port: int
    socket_path: str | UnsetType = UNSET
    weights: WeightsOut
    enable_tag_override: bool
    proxy: ProxyOut
    connect: ConnectOut
    peer_name: str = ""
    locality: dict[str, str] | UnsetType = UNSET
    create_index: int
    modify_index: int


class CatalogServiceOut(Out, frozen=True, kw_only=True):
    """An instance and its node in one flat row."""

    id: str
    node: str
    address: str
    datacenter: str
    tagged_addresses: dict[str, str] | None
    node_meta: dict[str, str]
    service_kind: str
    service_id: str
    service_name: str
    service_tags: tuple[str, ...]
    service_address: str
    service_tagged_addresses: dict[str, AddressOut] | UnsetType = UNSET
    service_weights: WeightsOut
    service_meta: dict[str, str]
    service_port: int
    service_socket_path: str
    service_enable_tag_override: bool
    service_proxy: ProxyOut
    service_connect: ConnectOut
    service_locality: dict[str, str] | None
    create_index: int
    modify_index: int


class HealthOut(Out, frozen=True, kw_only=True):
    node: NodeOut
    service: ServiceOut
    checks: tuple[CheckOut, ...]


class CatalogNodeOut(Out, frozen=True, kw_only=True):
    node: NodeOut
    services: dict[str, ServiceOut]


class NodeServicesOut(Out, frozen=True, kw_only=True):
    node: NodeOut
    services: list[ServiceOut]


class AgentServiceOut(Out, frozen=True, kw_only=True):
    """An instance as the agent that runs it shows it."""

    kind: str | UnsetType = UNSET
    id: str
    service: str
    tags: tuple[str, ...]
    meta: dict[str, str]
    port: int
    address: str
    socket_path: str | UnsetType = UNSET
    tagged_addresses: dict[str, AddressOut] | UnsetType = UNSET
    weights: WeightsOut
    enable_tag_override: bool
    proxy: ProxyOut | UnsetType = UNSET
    connect: ConnectOut | UnsetType = UNSET
    peer_name: str | UnsetType = UNSET
    locality: dict[str, str] | UnsetType = UNSET
    content_hash: str | UnsetType = UNSET
    datacenter: str


def node_out(record: Record[Node], *, datacenter: str) -> NodeOut:
    node = record.value
    return NodeOut(
        id=node.id,
        node=node.name,
        address=node.address,
        datacenter=datacenter,
        tagged_addresses=node.tagged_addresses or None,
        meta=node.meta,
        locality=_locality(node.locality),
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def service_out(record: Record[Instance]) -> ServiceOut:
    instance = record.value
    return ServiceOut(
        kind=instance.kind or UNSET,
        id=instance.id,
        service=instance.service,
        tags=instance.tags,
        address=instance.address,
        tagged_addresses=_tagged(instance),
        meta=instance.meta,
        port=instance.port,
        socket_path=instance.socket_path or UNSET,
        weights=_weights(instance),
        enable_tag_override=instance.enable_tag_override,
        proxy=proxy_out(instance.proxy),
        connect=ConnectOut(native=instance.is_connect_native or UNSET),
        locality=_locality(instance.locality),
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def catalog_service_out(
    record: Record[Instance], node: Record[Node], *, datacenter: str
) -> CatalogServiceOut:
    instance = record.value
    return CatalogServiceOut(
        id=node.value.id,
        node=node.value.name,
        address=node.value.address,
        datacenter=datacenter,
        tagged_addresses=node.value.tagged_addresses or None,
        node_meta=node.value.meta,
        service_kind=instance.kind,
        service_id=instance.id,
        service_name=instance.service,
        service_tags=instance.tags,
        service_address=instance.address,
        service_tagged_addresses=_tagged(instance),
        service_weights=_weights(instance),
        service_meta=instance.meta,
        service_port=instance.port,
        service_socket_path=instance.socket_path,
        service_enable_tag_override=instance.enable_tag_override,
        service_proxy=proxy_out(instance.proxy),
        service_connect=ConnectOut(native=instance.is_connect_native or UNSET),
        service_locality=instance.locality,
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def health_out(
    record: Record[Instance],
    node: Record[Node],
    checks: Iterable[Record[Check]],
    *,
    datacenter: str,
) -> HealthOut:
    return HealthOut(
        node=node_out(node, datacenter=datacenter),
        service=service_out(record),
        checks=tuple(check_out(check) for check in checks),
    )


def agent_service_out(instance: Instance, *, datacenter: str) -> AgentServiceOut:
    return AgentServiceOut(
        kind=instance.kind or UNSET,
        id=instance.id,
        service=instance.service,
        tags=instance.tags,
        meta=instance.meta,
        port=instance.port,
        address=instance.address,
        socket_path=instance.socket_path or UNSET,
        tagged_addresses=_tagged(instance),
        weights=_weights(instance),
        enable_tag_override=instance.enable_tag_override,
        proxy=proxy_out(instance.proxy) if instance.proxy else UNSET,
        connect=ConnectOut(native=True) if instance.is_connect_native else UNSET,
        locality=_locality(instance.locality),
        datacenter=datacenter,
    )


def _tagged(instance: Instance) -> dict[str, AddressOut] | UnsetType:
    if not instance.tagged_addresses:
        return UNSET
    return {
        name: AddressOut(address=tagged.address, port=tagged.port)
        for name, tagged in instance.tagged_addresses.items()
    }


def _weights(instance: Instance) -> WeightsOut:
    return WeightsOut(passing=instance.weights.passing, warning=instance.weights.warning)


def _locality(locality: dict[str, str] | None) -> dict[str, Any] | UnsetType:
    return locality or UNSET
