"""The names of all resources, in one place; those that operators see in Envoy are Consul's."""

from meshcore.proxycfg.state import ResourceKind
from meshcore.proxycfg.types import PublicListener, Scope, UpstreamListener

CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = "type.googleapis.com/envoy.config.listener.v3.Listener"
RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
SDS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
ECDS = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
KINDS: dict[str, ResourceKind] = {
    CDS: "cluster",
    EDS: "endpoints",
    SDS: "secret",
    LDS: "listener",
    RDS: "route",
    ECDS: "extension config",
}
TYPES = tuple(KINDS)

LOCAL_APP = "local_app"
PUBLIC_LISTENER = "public_listener"
INBOUND_CONNECTION_LIMIT = "inbound_connection_limit"

LEAF = "leaf"  # each stream has its own secret under this name, so clusters can be shared
ROOTS = "roots"

NETWORK_INTENTIONS = "intentions/network"
HTTP_INTENTIONS = "intentions/http"

PATH_HEADER = "x-tulle-path"  # the path without its query, for intentions; see listeners.py


def spiffe_id(service: str, scope: Scope) -> str:
    return f"spiffe://{scope.trust_domain}/ns/default/dc/{scope.datacenter}/svc/{service}"


def trust_domain_prefix(scope: Scope) -> str:
    return f"spiffe://{scope.trust_domain}/"


def sni(service: str, scope: Scope) -> str:
    return f"{service}.default.{scope.datacenter}.internal.{scope.trust_domain}"


def cluster(service: str, scope: Scope) -> str:
    return sni(service, scope)


def route(service: str) -> str:
    return service


def public_listener(public: PublicListener) -> str:
    return f"{PUBLIC_LISTENER}:{public.address}:{public.port}"


def upstream_listener(upstream: UpstreamListener) -> str:
    if upstream.socket_path:
        return f"{upstream.destination}:{upstream.socket_path}"
    return f"{upstream.destination}:{upstream.address}:{upstream.port}"


def upstream_stat_prefix(service: str, scope: Scope) -> str:
    return f"upstream.{service}.default.default.{scope.datacenter}"
