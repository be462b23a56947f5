"""The filters that listeners are made of."""

from typing import TypeAlias

from envoy.config.core.v3 import base_pb2, config_source_pb2
from envoy.config.listener.v3 import listener_components_pb2
from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2
from envoy.extensions.filters.http.rbac.v3 import rbac_pb2 as http_rbac_pb2
from envoy.extensions.filters.http.router.v3 import router_pb2
from envoy.extensions.filters.network.connection_limit.v3 import connection_limit_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import (
    http_connection_manager_pb2 as hcm_pb2,
)
from envoy.extensions.filters.network.rbac.v3 import rbac_pb2 as network_rbac_pb2
from envoy.extensions.filters.network.tcp_proxy.v3 import tcp_proxy_pb2
from google.protobuf.message import Message

from meshcore.proxycfg.types import PublicListener, Scope, UpstreamListener
from meshcore.xds import counting, names, routes, tls
from meshcore.xds.resources import packed

TCP_PROXY = "envoy.filters.network.tcp_proxy"
OVERWRITE = base_pb2.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
Filter: TypeAlias = listener_components_pb2.Filter
UNAMBIGUOUS_PATHS = hcm_pb2.HttpConnectionManager(
    normalize_path={"value": True},
    merge_slashes=True,
    path_with_escaped_slashes_action=hcm_pb2.HttpConnectionManager.REJECT_REQUEST,
)


def connection_limit(most: int) -> Filter:
    return _network(
        "envoy.filters.network.connection_limit",
        connection_limit_pb2.ConnectionLimit(
            stat_prefix=names.INBOUND_CONNECTION_LIMIT, max_connections={"value": most}
        ),
    )


def network_intentions() -> Filter:
    """The filter's rules come by ECDS: a change of intentions leaves the listener as it is.

    Envoy asks them at the client's first byte, so what an application says before it has heard
    anything reaches a client that will be refused.
    """
    return Filter(
        name=names.NETWORK_INTENTIONS, config_discovery=_discovered(network_rbac_pb2.RBAC())
    )


def http_intentions() -> hcm_pb2.HttpFilter:
    return hcm_pb2.HttpFilter(
        name=names.HTTP_INTENTIONS, config_discovery=_discovered(http_rbac_pb2.RBAC())
    )


def path_header() -> hcm_pb2.HttpFilter:
    """Give the intentions the path without its query, as the matcher has no such input.

    PATH, not the default: that one believes a caller's x-envoy-original-path.
    """
    header = base_pb2.HeaderValue(key=names.PATH_HEADER, value="%PATH(NQ:PATH)%")
    option = base_pb2.HeaderValueOption(header=header, append_action=OVERWRITE)
    mutation = header_mutation_pb2.HeaderMutation(
        mutations={"request_mutations": [{"append": option}]}
    )
    return hcm_pb2.HttpFilter(
        name="envoy.filters.http.header_mutation", typed_config=packed(mutation)
    )


def tcp_proxy(stat_prefix: str, cluster: str) -> Filter:
    return _network(TCP_PROXY, tcp_proxy_pb2.TcpProxy(stat_prefix=stat_prefix, cluster=cluster))


def inbound_tcp() -> Filter:
    proxy = tcp_proxy_pb2.TcpProxy(
        stat_prefix=names.PUBLIC_LISTENER,
        cluster=names.LOCAL_APP,
        access_log=counting.of_tcp(),
        access_log_options={"access_log_flush_interval": {"seconds": 1}},
    )
    return _network(TCP_PROXY, proxy)


def inbound_http(public: PublicListener) -> Filter:
    """What could make a path look like another one to the application is undone or refused.

    The caller's identity in x-forwarded-client-cert is ours alone: what the caller sent is dropped.
    """
    manager = hcm_pb2.HttpConnectionManager(
        stat_prefix=names.PUBLIC_LISTENER,
        route_config=routes.to_local_app(public),
        http_filters=[path_header(), http_intentions(), _router()],
        forward_client_cert_details=hcm_pb2.HttpConnectionManager.SANITIZE_SET,
        set_current_client_cert_details={"uri": True, "dns": True, "subject": {"value": True}},
        upgrade_configs=[{"upgrade_type": "websocket"}],
        access_log=counting.of_http(is_grpc=public.protocol == "grpc"),
    )
    manager.MergeFrom(UNAMBIGUOUS_PATHS)
    return _http(manager)


def outbound_http(upstream: UpstreamListener, scope: Scope) -> Filter:
    return _http(
        hcm_pb2.HttpConnectionManager(
            stat_prefix=names.upstream_stat_prefix(upstream.destination, scope),
            rds=hcm_pb2.Rds(
                route_config_name=names.route(upstream.destination), config_source=tls.ads()
            ),
            http_filters=[_router()],
            upgrade_configs=[{"upgrade_type": "websocket"}],
        )
    )


def _router() -> hcm_pb2.HttpFilter:
    return hcm_pb2.HttpFilter(
        name="envoy.filters.http.router", typed_config=packed(router_pb2.Router())
    )


def _http(manager: hcm_pb2.HttpConnectionManager) -> Filter:
    return _network("envoy.filters.network.http_connection_manager", manager)


def _network(name: str, config: Message) -> Filter:
    return Filter(name=name, typed_config=packed(config))


def _discovered(kind: Message) -> config_source_pb2.ExtensionConfigSource:
    return config_source_pb2.ExtensionConfigSource(
        config_source=tls.ads(), type_urls=[packed(kind).type_url]
    )
