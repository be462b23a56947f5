"""LDS: the public listener that callers reach, and one for each upstream of the application."""

from functools import lru_cache

from envoy.config.core.v3 import address_pb2, base_pb2
from envoy.config.listener.v3 import listener_components_pb2, listener_pb2

from meshcore.proxycfg.types import PublicListener, Scope, UpstreamListener
from meshcore.xds import custom, custom_listeners, filters, names, tls
from meshcore.xds.resources import Resource, resource

ALPN = {"http": ("http/1.1",), "http2": ("h2", "http/1.1"), "grpc": ("h2", "http/1.1")}
EXACT_BALANCE = listener_pb2.Listener.ConnectionBalanceConfig(
    exact_balance=listener_pb2.Listener.ConnectionBalanceConfig.ExactBalance()
)


@lru_cache(maxsize=16384)
def public(listener: PublicListener, scope: Scope, gate: str) -> Resource:
    """`gate` names the filter chain: Envoy drains the connections of a chain that gets another."""
    message = custom.parsed(listener.listener_json, listener_pb2.Listener)
    if message is None:
        message = listener_pb2.Listener(
            address=_address(listener.address, listener.port),
            connection_balance_config=EXACT_BALANCE if listener.balance_connections else None,
            filter_chains=[listener_components_pb2.FilterChain(filters=_public_filters(listener))],
        )
    else:
        custom_listeners.demand_intentions(message, listener)
    message.name = names.public_listener(listener)
    message.traffic_direction = base_pb2.TrafficDirection.INBOUND
    for chain in message.filter_chains:
        chain.name = f"{chain.name}{gate}"
        chain.transport_socket.CopyFrom(tls.downstream(scope, alpn=ALPN.get(listener.protocol, ())))
    return resource(message.name, message)


@lru_cache(maxsize=16384)
def upstream(listener: UpstreamListener, scope: Scope) -> Resource:
    message = custom.parsed(listener.listener_json, listener_pb2.Listener)
    if message is None:
        message = listener_pb2.Listener(
            address=_upstream_address(listener),
            connection_balance_config=EXACT_BALANCE if listener.balance_connections else None,
            filter_chains=[
                listener_components_pb2.FilterChain(filters=[_upstream_filter(listener, scope)])
            ],
        )
    message.name = names.upstream_listener(listener)
    message.traffic_direction = base_pb2.TrafficDirection.OUTBOUND
    return resource(message.name, message)


def _public_filters(listener: PublicListener) -> list[filters.Filter]:
    limit = [filters.connection_limit(listener.max_connections)] if listener.max_connections else []
    if listener.speaks_http:
        return [*limit, filters.inbound_http(listener)]
    return [*limit, filters.network_intentions(), filters.inbound_tcp()]


def _upstream_filter(listener: UpstreamListener, scope: Scope) -> filters.Filter:
    if listener.speaks_http:
        return filters.outbound_http(listener, scope)
    return filters.tcp_proxy(
        names.upstream_stat_prefix(listener.destination, scope),
        names.cluster(listener.destination, scope),
    )


def _upstream_address(listener: UpstreamListener) -> address_pb2.Address:
    if not listener.socket_path:
        return _address(listener.address, listener.port)
    mode = int(listener.socket_mode, 8) if listener.socket_mode else 0
    return address_pb2.Address(pipe=address_pb2.Pipe(path=listener.socket_path, mode=mode))


def _address(address: str, port: int) -> address_pb2.Address:
    return address_pb2.Address(
        socket_address=address_pb2.SocketAddress(address=address, port_value=port)
    )
