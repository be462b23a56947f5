"""What is registered: nodes, instances of services, their health checks and sidecar proxies."""

from typing import Any, Literal

import msgspec

Status = Literal["passing", "warning", "critical"]

TYPICAL = ""
CONNECT_PROXY = "connect-proxy"
GATEWAY_KINDS = ("mesh-gateway", "terminating-gateway", "ingress-gateway", "api-gateway")

SIDECAR_PORTS = range(21000, 21256)

NODE_LEVEL = ""  # the service_id of a check that concerns the whole node

InstanceKey = tuple[str, str]  # node name, service id
CheckKey = tuple[str, str]  # node name, check id


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    address: str
    port: int = 0


class Weights(msgspec.Struct, frozen=True, gc=False):
    """The load-balancing weight of an instance while passing and while warning."""

    passing: int = 1
    warning: int = 1


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    name: str
    address: str
    id: str = ""
    tagged_addresses: dict[str, str] = {}
    meta: dict[str, str] = {}
    locality: dict[str, str] | None = None


class Upstream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A service that a proxy's application calls through a local port."""

    destination_name: str
    destination_type: str = "service"
    datacenter: str = ""
    local_bind_address: str = ""
    local_bind_port: int = 0
    local_bind_socket_path: str = ""
    local_bind_socket_mode: str = ""
    config: dict[str, Any] = {}
    mesh_gateway: dict[str, Any] = {}


class ExposedPath(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    path: str
    listener_port: int
    local_path_port: int
    protocol: str = "http"


class Proxy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a sidecar stands in front of, and what it may be asked to do."""

    destination_service: str = ""
    destination_id: str = ""
    local_service_address: str = ""
    local_service_port: int = 0
    local_service_socket_path: str = ""
    mode: str = ""
    config: dict[str, Any] = {}
    upstreams: tuple[Upstream, ...] = ()
    mesh_gateway: dict[str, Any] = {}
    expose_checks: bool = False
    exposed_paths: tuple[ExposedPath, ...] = ()
    transparent_proxy: dict[str, Any] = {}
    envoy_extensions: tuple[dict[str, Any], ...] = ()
    access_logs: dict[str, Any] = {}


class Instance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One running copy of a service; a sidecar proxy is an instance of its own."""

    node: str
    id: str
    service: str
    kind: str = TYPICAL
    tags: tuple[str, ...] = ()
    address: str = ""
    port: int = 0
    socket_path: str = ""
    tagged_addresses: dict[str, Address] = {}
    meta: dict[str, str] = {}
    weights: Weights = Weights()
    enable_tag_override: bool = False
    is_connect_native: bool = False
    proxy: Proxy | None = None
    locality: dict[str, str] | None = None
    sidecar_of: str = ""  # the id of the instance whose registration made this sidecar

    @property
    def key(self) -> InstanceKey:
        return (self.node, self.id)

    @property
    def mesh_destination(self) -> str:
        """The service that a caller in the mesh reaches through this instance, or nothing."""
        if self.proxy is not None and self.kind == CONNECT_PROXY:
            return self.proxy.destination_service
        return self.service if self.is_connect_native else ""


class CheckDefinition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How the status is found out; durations are seconds, zero means Consul's default."""

    http: str = ""
    method: str = ""
    header: dict[str, tuple[str, ...]] = {}
    body: str = ""
    tls_server_name: str = ""
    tls_skip_verify: bool = False
    disable_redirects: bool = False
    follows_redirects: bool = False  # only where a client says so: Consul follows unless told
    tcp: str = ""
    tcp_use_tls: bool = False
    udp: str = ""
    grpc: str = ""
    grpc_use_tls: bool = False
    h2ping: str = ""
    h2ping_use_tls: bool = False
    script_args: tuple[str, ...] = ()
    ttl_s: float = 0
    alias_node: str = ""  # set on every alias check
    alias_service: str = ""  # a service id on alias_node
    interval_s: float = 0
    timeout_s: float = 0
    success_before_passing: int = 0
    failures_before_warning: int = 0
    failures_before_critical: int = 0
    deregister_critical_after_s: float = 0
    output_max_size: int = 4096

    @property
    def followed(self) -> InstanceKey | None:
        """What an alias check follows: an instance, or with NODE_LEVEL the whole node."""
        return (self.alias_node, self.alias_service) if self.alias_node else None


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    node: str
    id: str
    name: str
    status: Status = "critical"
    notes: str = ""
    output: str = ""
    service_id: str = NODE_LEVEL
    service: str = ""
    service_tags: tuple[str, ...] = ()
    type: str = ""  # http, tcp, ttl, alias, ... as Consul names it
    definition: CheckDefinition = CheckDefinition()

    @property
    def key(self) -> CheckKey:
        return (self.node, self.id)
