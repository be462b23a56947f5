"""A simulated Envoy on a delta ADS stream: it subscribes and acknowledges, and applies nothing.

As Envoy does, it subscribes to the endpoints, routes, secrets and extension configs that its
clusters and listeners name. These are walked once; what the same bytes name is remembered.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3 import extension_pb2
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3 import route_pb2
from envoy.extensions.filters.http.rbac.v3 import rbac_pb2 as http_rbac_pb2
from envoy.extensions.filters.http.router.v3 import router_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import (
    http_connection_manager_pb2,
)
from envoy.extensions.filters.network.rbac.v3 import rbac_pb2 as network_rbac_pb2
from envoy.extensions.filters.network.tcp_proxy.v3 import tcp_proxy_pb2
from envoy.extensions.transport_sockets.tls.v3 import secret_pb2, tls_pb2
from envoy.service.discovery.v3.discovery_pb2 import (
    DeltaDiscoveryRequest,
    DeltaDiscoveryResponse,
)
from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
LDS = "type.googleapis.com/envoy.config.listener.v3.Listener"
RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
SDS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
ECDS = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
# What may stand inside an Any must be known to protobuf's pool, which importing it does.
KNOWN = (
    extension_pb2,
    route_pb2,
    http_rbac_pb2,
    network_rbac_pb2,
    router_pb2,
    http_connection_manager_pb2,
    tcp_proxy_pb2,
    secret_pb2,
    tls_pb2,
)
RBAC_MARK = b"filters.http.rbac.v3.RBAC"


class Proxy:
    """What one simulated proxy has been told; `policy` is the resource that holds its RBAC."""

    def __init__(
        self, *, proxy_id: str, send: Callable[..., None], changed: Callable[["Proxy"], None]
    ) -> None:
        self.proxy_id = proxy_id
        self.send = send
        self.changed = changed
        self.subscribed: dict[str, set[str]] = {}
        self.policy = b""

    def first_requests(self) -> list[bytes]:
        clusters = DeltaDiscoveryRequest(type_url=CDS)
        clusters.node.id = self.proxy_id
        clusters.node.cluster = "api"
        clusters.node.user_agent_name = "envoy"
        clusters.node.user_agent_build_version.version.major_number = 1
        clusters.node.user_agent_build_version.version.minor_number = 34
        listeners = DeltaDiscoveryRequest(type_url=LDS)
        return [clusters.SerializeToString(), listeners.SerializeToString()]

    def received(self, message: bytes) -> None:
        response = DeltaDiscoveryResponse.FromString(message)
        acknowledgement = DeltaDiscoveryRequest(
            type_url=response.type_url, response_nonce=response.nonce
        )
        requests = [acknowledgement.SerializeToString()]
        before = self.policy
        for resource in response.resources:
            value = resource.resource.value
            if response.type_url in (CDS, LDS):
                requests += self.subscriptions(named(response.type_url, value))
            if RBAC_MARK in value:
                self.policy = value
        self.send(*requests)
        if self.policy != before:
            self.changed(self)

    def subscriptions(self, names: Iterable[tuple[str, str]]) -> Iterator[bytes]:
        for type_url, name in names:
            known = self.subscribed.setdefault(type_url, set())
            if name not in known:
                known.add(name)
                yield DeltaDiscoveryRequest(
                    type_url=type_url, resource_names_subscribe=[name]
                ).SerializeToString()


@lru_cache(maxsize=20_000)
def named(type_url: str, value: bytes) -> tuple[tuple[str, str], ...]:
    """All that this cluster or listener refers to, as (type, name)."""
    if type_url == LDS:
        return tuple(dict.fromkeys(references(Listener.FromString(value))))
    cluster = Cluster.FromString(value)
    found = list(references(cluster))
    if cluster.type == Cluster.EDS:
        found.append((EDS, cluster.eds_cluster_config.service_name or cluster.name))
    return tuple(dict.fromkeys(found))


def references(message: Message) -> Iterator[tuple[str, str]]:
    kind = message.DESCRIPTOR.full_name
    if kind.endswith(".SdsSecretConfig") and message.HasField("sds_config"):
        yield SDS, message.name  # type: ignore[attr-defined]
    elif kind.endswith(".Rds"):
        yield RDS, message.route_config_name  # type: ignore[attr-defined]
    elif "config_discovery" in message.DESCRIPTOR.fields_by_name and message.HasField(
        "config_discovery"
    ):
        yield ECDS, message.name  # type: ignore[attr-defined]
    for inner in inside(message):
        yield from references(inner)


def inside(message: Message) -> Iterator[Message]:
    if isinstance(message, Any):
        kind = message.TypeName()
        try:
            packed = GetMessageClass(Default().FindMessageTypeByName(kind))
        except KeyError:
            return
        yield packed.FromString(message.value)
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            yield value
        elif field.message_type.GetOptions().map_entry:
            yield from (item for item in value.values() if isinstance(item, Message))
        else:
            yield from value
