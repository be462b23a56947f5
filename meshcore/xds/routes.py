"""RDS for upstreams, and the one inline route of the public listener."""

from datetime import timedelta
from functools import lru_cache

from envoy.config.route.v3 import route_components_pb2, route_pb2

from meshcore.proxycfg.types import PublicListener, Scope
from meshcore.xds import names
from meshcore.xds.resources import Resource, resource


@lru_cache(maxsize=4096)
def upstream(destination: str, scope: Scope) -> Resource:
    name = names.route(destination)
    action = route_components_pb2.RouteAction(cluster=names.cluster(destination, scope))
    return resource(name, _configuration(name, action))


def to_local_app(public: PublicListener) -> route_pb2.RouteConfiguration:
    action = route_components_pb2.RouteAction(cluster=names.LOCAL_APP)
    if public.request_timeout_ms is not None:
        action.timeout.FromTimedelta(timedelta(milliseconds=public.request_timeout_ms))
    if public.idle_timeout_ms is not None:
        action.idle_timeout.FromTimedelta(timedelta(milliseconds=public.idle_timeout_ms))
    configuration = _configuration(names.PUBLIC_LISTENER, action)
    configuration.request_headers_to_remove.append(names.PATH_HEADER)
    return configuration


def _configuration(
    name: str, action: route_components_pb2.RouteAction
) -> route_pb2.RouteConfiguration:
    everything = route_components_pb2.Route(
        match=route_components_pb2.RouteMatch(prefix="/"), route=action
    )
    host = route_components_pb2.VirtualHost(name=name, domains=["*"], routes=[everything])
    return route_pb2.RouteConfiguration(name=name, virtual_hosts=[host])
