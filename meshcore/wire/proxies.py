"""Proxies and their upstreams as Consul writes them."""

from typing import Any

from msgspec import UNSET, UnsetType

from meshcore.registry.types import ExposedPath, Proxy, Upstream
from meshcore.wire.names import Out


class ExposedPathOut(Out, frozen=True, kw_only=True):
    listener_port: int
    path: str
    local_path_port: int
    protocol: str


class ExposeOut(Out, frozen=True, kw_only=True):
    checks: bool | UnsetType = UNSET
    paths: tuple[ExposedPathOut, ...] | UnsetType = UNSET


class UpstreamOut(Out, frozen=True, kw_only=True):
    destination_type: str
    destination_name: str
    datacenter: str
    local_bind_address: str | UnsetType = UNSET
    local_bind_port: int | UnsetType = UNSET
    local_bind_socket_path: str | UnsetType = UNSET
    local_bind_socket_mode: str | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    mesh_gateway: dict[str, Any]


class ProxyOut(Out, frozen=True, kw_only=True):
    destination_service_name: str | UnsetType = UNSET
    destination_service_id: str | UnsetType = UNSET
    local_service_address: str | UnsetType = UNSET
    local_service_port: int | UnsetType = UNSET
    local_service_socket_path: str | UnsetType = UNSET
    mode: str = ""
    config: dict[str, Any] | UnsetType = UNSET
    upstreams: tuple[UpstreamOut, ...] | UnsetType = UNSET
    mesh_gateway: dict[str, Any] = {}
    expose: ExposeOut = ExposeOut()
    transparent_proxy: dict[str, Any] | UnsetType = UNSET
    envoy_extensions: tuple[dict[str, Any], ...] | UnsetType = UNSET
    access_logs: dict[str, Any] | UnsetType = UNSET


NO_PROXY = ProxyOut()


def proxy_out(proxy: Proxy | None) -> ProxyOut:
    if proxy is None:
        return NO_PROXY
    return ProxyOut(
        destination_service_name=proxy.destination_service or UNSET,
        destination_service_id=proxy.destination_id or UNSET,
        local_service_address=proxy.local_service_address or UNSET,
        local_service_port=proxy.local_service_port or UNSET,
        local_service_socket_path=proxy.local_service_socket_path or UNSET,
        mode=proxy.mode,
        config=proxy.config or UNSET,
        upstreams=tuple(map(_upstream_out, proxy.upstreams)) or UNSET,
        mesh_gateway=proxy.mesh_gateway,
        expose=ExposeOut(
            checks=proxy.expose_checks or UNSET,
            paths=tuple(map(_path_out, proxy.exposed_paths)) or UNSET,
        ),
        transparent_proxy=proxy.transparent_proxy or UNSET,
        envoy_extensions=proxy.envoy_extensions or UNSET,
        access_logs=proxy.access_logs or UNSET,
    )


def _upstream_out(upstream: Upstream) -> UpstreamOut:
    return UpstreamOut(
        destination_type=upstream.destination_type,
        destination_name=upstream.destination_name,
        datacenter=upstream.datacenter,
        local_bind_address=upstream.local_bind_address or UNSET,
        local_bind_port=upstream.local_bind_port or UNSET,
        local_bind_socket_path=upstream.local_bind_socket_path or UNSET,
        local_bind_socket_mode=upstream.local_bind_socket_mode or UNSET,
        config=upstream.config or UNSET,
        mesh_gateway=upstream.mesh_gateway,
    )


def _path_out(path: ExposedPath) -> ExposedPathOut:
    return ExposedPathOut(
        listener_port=path.listener_port,
        path=path.path,
        local_path_port=path.local_path_port,
        protocol=path.protocol,
    )
