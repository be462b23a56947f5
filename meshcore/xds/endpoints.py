"""EDS: the instances of a destination."""

from functools import lru_cache

from envoy.config.core.v3 import address_pb2, health_check_pb2
from envoy.config.endpoint.v3 import endpoint_components_pb2, endpoint_pb2

from meshcore.proxycfg.types import DestinationEndpoints, Endpoint, Scope
from meshcore.xds import names
from meshcore.xds.resources import Resource, resource

HEALTHY = health_check_pb2.HealthStatus.HEALTHY
UNHEALTHY = health_check_pb2.HealthStatus.UNHEALTHY


@lru_cache(maxsize=4096)
def assignment(reached: DestinationEndpoints, scope: Scope) -> Resource:
    name = names.cluster(reached.service, scope)
    locality = endpoint_components_pb2.LocalityLbEndpoints(
        lb_endpoints=[_endpoint(endpoint) for endpoint in reached.endpoints]
    )
    message = endpoint_pb2.ClusterLoadAssignment(cluster_name=name, endpoints=[locality])
    return resource(name, message)


def _endpoint(endpoint: Endpoint) -> endpoint_components_pb2.LbEndpoint:
    return endpoint_components_pb2.LbEndpoint(
        endpoint=endpoint_components_pb2.Endpoint(
            address=address_pb2.Address(
                socket_address=address_pb2.SocketAddress(
                    address=endpoint.address, port_value=endpoint.port
                )
            )
        ),
        health_status=HEALTHY if endpoint.is_healthy else UNHEALTHY,
        load_balancing_weight={"value": endpoint.weight},
    )
