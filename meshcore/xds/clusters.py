"""CDS: the application behind the proxy, and the services that it calls."""

from datetime import timedelta
from functools import lru_cache

from envoy.config.cluster.v3 import circuit_breaker_pb2, cluster_pb2, outlier_detection_pb2
from envoy.config.core.v3 import address_pb2, protocol_pb2
from envoy.config.endpoint.v3 import endpoint_components_pb2, endpoint_pb2
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2
from google.protobuf.any_pb2 import Any as Packed

from meshcore.proxycfg.types import Destination, Limits, LocalApp, OutlierDetection, Scope
from meshcore.xds import custom, names, tls
from meshcore.xds.resources import Resource, packed, resource

HTTP2_PROTOCOLS = ("http2", "grpc")
PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
CACHED = 16384  # as many tuned destinations; each is a few hundred bytes


@lru_cache(maxsize=CACHED)
def local_app(app: LocalApp) -> Resource:
    cluster = custom.parsed(app.cluster_json, cluster_pb2.Cluster)
    if cluster is None:
        cluster = _local_app(app)
    cluster.name = names.LOCAL_APP
    return resource(cluster.name, cluster)


@lru_cache(maxsize=CACHED)
def destination(called: Destination, scope: Scope) -> Resource:
    cluster = custom.parsed(called.cluster_json, cluster_pb2.Cluster)
    if cluster is None:
        cluster = _destination(called, scope)
    cluster.name = names.cluster(called.service, scope)
    alpn = ("h2",) if called.protocol in HTTP2_PROTOCOLS else ()
    cluster.transport_socket.CopyFrom(tls.upstream(called.service, scope, alpn=alpn))
    is_eds = cluster.type == cluster_pb2.Cluster.EDS
    return resource(cluster.name, cluster, needs=cluster.name if is_eds else "")


def _destination(called: Destination, scope: Scope) -> cluster_pb2.Cluster:
    return cluster_pb2.Cluster(
        alt_stat_name=names.cluster(called.service, scope),
        type=cluster_pb2.Cluster.EDS,
        eds_cluster_config=cluster_pb2.Cluster.EdsClusterConfig(eds_config=tls.ads()),
        connect_timeout=timedelta(milliseconds=called.connect_timeout_ms),
        # Without this Envoy would send traffic to unhealthy instances once most are unhealthy.
        common_lb_config={"healthy_panic_threshold": {"value": 0}},
        circuit_breakers=_circuit_breakers(called.limits),
        outlier_detection=_outlier_detection(called.outlier_detection),
        typed_extension_protocol_options=_protocol_options(called.protocol),
    )


def _local_app(app: LocalApp) -> cluster_pb2.Cluster:
    endpoint = endpoint_components_pb2.LbEndpoint(
        endpoint=endpoint_components_pb2.Endpoint(address=_address(app))
    )
    locality = endpoint_components_pb2.LocalityLbEndpoints(lb_endpoints=[endpoint])
    return cluster_pb2.Cluster(
        type=cluster_pb2.Cluster.STATIC,
        connect_timeout=timedelta(milliseconds=app.connect_timeout_ms),
        load_assignment=endpoint_pb2.ClusterLoadAssignment(
            cluster_name=names.LOCAL_APP, endpoints=[locality]
        ),
        circuit_breakers=_circuit_breakers(Limits(max_connections=app.max_connections or None)),
        typed_extension_protocol_options=_protocol_options(app.protocol),
    )


def _address(app: LocalApp) -> address_pb2.Address:
    if app.socket_path:
        return address_pb2.Address(pipe=address_pb2.Pipe(path=app.socket_path))
    return address_pb2.Address(
        socket_address=address_pb2.SocketAddress(address=app.address, port_value=app.port)
    )


def _circuit_breakers(limits: Limits) -> circuit_breaker_pb2.CircuitBreakers | None:
    given = {
        "max_connections": limits.max_connections,
        "max_pending_requests": limits.max_pending_requests,
        "max_requests": limits.max_concurrent_requests,
    }
    thresholds = {name: {"value": limit} for name, limit in given.items() if limit is not None}
    if not thresholds:
        return None
    return circuit_breaker_pb2.CircuitBreakers(
        thresholds=[circuit_breaker_pb2.CircuitBreakers.Thresholds(**thresholds)]
    )


def _outlier_detection(
    detection: OutlierDetection | None,
) -> outlier_detection_pb2.OutlierDetection:
    """Empty is not absent: it lets Envoy take out instances that fail again and again."""
    if detection is None:
        return outlier_detection_pb2.OutlierDetection()
    numbers = {
        "consecutive_5xx": detection.max_failures,
        "enforcing_consecutive_5xx": detection.enforcing_percent,
        "max_ejection_percent": detection.max_ejection_percent,
    }
    durations = {
        "interval": detection.interval_s,
        "base_ejection_time": detection.base_ejection_s,
    }
    return outlier_detection_pb2.OutlierDetection(
        **{name: {"value": value} for name, value in numbers.items() if value is not None},
        **{name: timedelta(seconds=s) for name, s in durations.items() if s is not None},
    )


def _protocol_options(protocol: str) -> dict[str, Packed]:
    if protocol not in HTTP2_PROTOCOLS:
        return {}
    explicit = http_protocol_options_pb2.HttpProtocolOptions.ExplicitHttpConfig(
        http2_protocol_options=protocol_pb2.Http2ProtocolOptions()
    )
    options = http_protocol_options_pb2.HttpProtocolOptions(explicit_http_config=explicit)
    return {PROTOCOL_OPTIONS: packed(options)}
