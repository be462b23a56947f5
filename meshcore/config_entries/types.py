"""Config entries, the documents by which operators tune services and proxies.

They are written in Consul's vocabulary by their users, so their JSON carries Consul's names.
"""

from typing import Any

import msgspec

INITIALISMS = {"http", "id", "jwt", "json", "sni", "tls", "url"}
KINDS = (
    "api-gateway",
    "bound-api-gateway",
    "control-plane-request-limit",
    "exported-services",
    "file-system-certificate",
    "http-route",
    "ingress-gateway",
    "inline-certificate",
    "jwt-provider",
    "mesh",
    "proxy-defaults",
    "rate-limit",
    "sameness-group",
    "service-defaults",
    "service-intentions",
    "service-resolver",
    "service-router",
    "service-splitter",
    "tcp-route",
    "terminating-gateway",
)
PROTOCOLS = ("tcp", "http", "http2", "grpc")
HTTP_PROTOCOLS = ("http", "http2", "grpc")
GLOBAL = "global"  # the one name of proxy-defaults


def consul_name(field: str) -> str:
    """external_sni is ExternalSNI, local_connect_timeout_ms is LocalConnectTimeoutMs."""
    return "".join(
        word.upper() if word in INITIALISMS else word.capitalize() for word in field.split("_")
    )


class Document(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name, omit_defaults=True):
    pass


class UpstreamLimits(Document, frozen=True):
    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_concurrent_requests: int | None = None


class PassiveHealthCheck(Document, frozen=True):
    """Outlier detection; interval and ejection time are durations such as 10s."""

    interval: str = ""
    max_failures: int = 0
    enforcing_consecutive_5xx: int | None = msgspec.field(
        default=None, name="EnforcingConsecutive5xx"
    )
    max_ejection_percent: int | None = None
    base_ejection_time: str = ""


class UpstreamTuning(Document, frozen=True):
    """How a caller treats one destination, or all that have no override."""

    name: str = ""
    peer: str = ""
    envoy_listener_json: str = ""
    envoy_cluster_json: str = ""
    protocol: str = ""
    connect_timeout_ms: int = 0
    limits: UpstreamLimits | None = None
    passive_health_check: PassiveHealthCheck | None = None
    mesh_gateway: dict[str, Any] = {}
    balance_outbound_connections: str = ""


class UpstreamConfig(Document, frozen=True):
    defaults: UpstreamTuning | None = None
    overrides: tuple[UpstreamTuning, ...] = ()


class ServiceDefaults(Document, frozen=True, tag_field="Kind", tag="service-defaults"):
    name: str
    protocol: str = ""
    mode: str = ""
    transparent_proxy: dict[str, Any] = {}
    mutual_tls_mode: str = ""
    mesh_gateway: dict[str, Any] = {}
    expose: dict[str, Any] = {}
    external_sni: str = ""
    upstream_config: UpstreamConfig | None = None
    destination: dict[str, Any] | None = None
    max_inbound_connections: int = 0
    local_connect_timeout_ms: int = 0
    local_request_timeout_ms: int = 0
    balance_inbound_connections: str = ""
    rate_limits: dict[str, Any] | None = None
    envoy_extensions: tuple[dict[str, Any], ...] = ()
    meta: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return "service-defaults"


class ProxyDefaults(Document, frozen=True, tag_field="Kind", tag="proxy-defaults"):
    name: str = GLOBAL
    config: dict[str, Any] = {}
    mode: str = ""
    transparent_proxy: dict[str, Any] = {}
    mutual_tls_mode: str = ""
    mesh_gateway: dict[str, Any] = {}
    expose: dict[str, Any] = {}
    access_logs: dict[str, Any] = {}
    envoy_extensions: tuple[dict[str, Any], ...] = ()
    failover_policy: dict[str, Any] | None = None
    prioritize_by_locality: dict[str, Any] | None = None
    meta: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return "proxy-defaults"


class OtherEntry(Document, frozen=True, tag_field="Kind", tag="other"):
    """An entry of a kind that nothing in the mesh reads yet: kept and given back as written."""

    entry_kind: str
    name: str
    body: dict[str, Any] = {}
    meta: dict[str, str] = {}

    @property
    def kind(self) -> str:
        return self.entry_kind


ConfigEntry = ServiceDefaults | ProxyDefaults | OtherEntry
EntryKey = tuple[str, str]  # kind, name
