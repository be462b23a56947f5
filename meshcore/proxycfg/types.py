"""What one proxy needs to know, as hashable values: equal parts of two proxies are equal values.

A builder of Envoy's resources gets one of these parts and nothing else, so a cache that is keyed
by the part can't forget an input.
"""

import msgspec

from meshcore.certificates.types import Leaf
from meshcore.config_entries.types import HTTP_PROTOCOLS
from meshcore.intentions.matcher import Tree
from meshcore.registry.types import InstanceKey


class Settings(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What the server was configured with, the same for all its proxies."""

    datacenter: str
    default_allow: bool


class Scope(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What every name in a proxy's configuration ends in."""

    datacenter: str
    trust_domain: str


class LocalApp(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """The application behind the proxy; a socket path, when given, replaces address and port."""

    protocol: str
    address: str
    port: int
    socket_path: str = ""
    connect_timeout_ms: int = 5000
    max_connections: int = 0
    cluster_json: str = ""


class PublicListener(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Where other proxies reach this one."""

    service: str
    protocol: str
    address: str
    port: int
    max_connections: int = 0
    request_timeout_ms: int | None = None
    idle_timeout_ms: int | None = None
    balance_connections: bool = False
    listener_json: str = ""

    @property
    def speaks_http(self) -> bool:
        return self.protocol in HTTP_PROTOCOLS


class Limits(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_concurrent_requests: int | None = None


class OutlierDetection(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    interval_s: float | None = None
    max_failures: int | None = None
    enforcing_percent: int | None = None
    max_ejection_percent: int | None = None
    base_ejection_s: float | None = None


class Destination(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """A service that this proxy calls, as all callers with the same tuning see it."""

    service: str
    protocol: str
    connect_timeout_ms: int = 5000
    limits: Limits = Limits()
    outlier_detection: OutlierDetection | None = None
    cluster_json: str = ""

    @property
    def speaks_http(self) -> bool:
        return self.protocol in HTTP_PROTOCOLS


class UpstreamListener(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """The local port or socket through which the application calls a destination."""

    destination: str
    protocol: str
    address: str = ""
    port: int = 0
    socket_path: str = ""
    socket_mode: str = ""
    balance_connections: bool = False
    listener_json: str = ""

    @property
    def speaks_http(self) -> bool:
        return self.protocol in HTTP_PROTOCOLS


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    address: str
    port: int
    weight: int
    is_healthy: bool


class DestinationEndpoints(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    service: str
    endpoints: tuple[Endpoint, ...]


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call the service, decided; `changed_at` are the indexes of all that went in."""

    service: str
    is_http: bool
    tree: Tree
    changed_at: tuple[int, ...]
    revoked_at: tuple[int, ...]  # toward the service itself, and toward any
    default_allow: bool

    def __hash__(self) -> int:
        """Go round the tree, which is large: what is equal has been decided at the same indexes."""
        return hash((self.service, self.changed_at))

    @property
    def gate(self) -> str:
        """Another name each time that somebody may have lost the right to connect over TCP.

        The same after a restart, and still another for a proxy that was away meanwhile: it is made
        of what the log says.
        """
        if self.is_http:
            return ""
        return "-".join(("intentions", str(self.default_allow).lower(), *map(str, self.revoked_at)))


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """All that one proxy needs at one moment."""

    proxy: InstanceKey
    service: str
    scope: Scope
    public: PublicListener
    local_app: LocalApp
    authorization: Authorization
    destinations: tuple[Destination, ...]
    upstreams: tuple[UpstreamListener, ...]
    endpoints: tuple[DestinationEndpoints, ...]
    trust_bundle: str
    leaf: Leaf | None  # None until it is issued
