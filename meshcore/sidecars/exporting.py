"""To whom else an Envoy tells its stats: what scrapes it, and a collector of the operator's own.

Both are asked for by keys in a proxy's opaque config, the first two by Consul's.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from meshcore.client.http import Json
from meshcore.lib.errors import InvalidError
from meshcore.sidecars.addresses import cluster_type, endpoints, is_ip, socket_address

PROMETHEUS = "envoy_prometheus_bind_addr"
STATS = "envoy_stats_bind_addr"
COLLECTOR = "tulle_otlp_collector"
COLLECTOR_PORT = 4317
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what an address without a host means to whoever wrote it
SELF_ADMIN = "self_admin"
TYPES = "type.googleapis.com/"

Address = tuple[str, int]


class Exporting(msgspec.Struct, frozen=True, kw_only=True):
    prometheus: Address | None = None
    stats: Address | None = None
    collector: Address | None = None


NOTHING = Exporting()


def exporting(config: Mapping[str, Json]) -> Exporting:
    """Raise InvalidError for what is no address: what nobody can scrape is noticed late."""

    def given(key: str, read: Callable[[str, str], Address]) -> Address | None:
        value = config.get(key)
        return read(key, str(value)) if value else None

    return Exporting(
        prometheus=given(PROMETHEUS, listening_at),
        stats=given(STATS, listening_at),
        collector=given(COLLECTOR, reached_at),
    )


def listening_at(key: str, written: str) -> Address:
    host, port = parted(key, f":{written}" if written.isdecimal() else written)
    if not is_ip(host or EVERYWHERE):
        raise InvalidError(f'{key}: "{host}" is a name; Envoy listens on an IP address')
    return host or EVERYWHERE, port


def reached_at(key: str, written: str) -> Address:
    if "://" in written:
        raise InvalidError(f"{key} is host:port, without the {written.split('://', 1)[0]}://")
    host, port = parted(key, written if ":" in written else f"{written}:{COLLECTOR_PORT}")
    if not host:
        raise InvalidError(f'{key}: "{written}" names no host')
    return host, port


def parted(key: str, written: str) -> Address:
    try:
        parts = urlsplit(f"//{written}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    if not port or parts.path or parts.username or any(map(str.isspace, written)):
        raise InvalidError(f'{key}: "{written}" is no address: write it as host:port')
    return host, port


def listeners(to: Exporting) -> Iterator[Json]:
    if to.prometheus:
        yield _listener("envoy_prometheus_metrics", to.prometheus, "/metrics", "/stats/prometheus")
    if to.stats:
        yield _listener("envoy_stats", to.stats, "/stats", "/stats")


def clusters(to: Exporting, *, admin: Address) -> Iterator[Json]:
    if to.prometheus or to.stats:
        host, port = admin
        yield _cluster(SELF_ADMIN, _from_here(host), port)
    if to.collector:
        yield _cluster(COLLECTOR, *to.collector) | {
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": TYPES + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "explicit_http_config": {"http2_protocol_options": {}},
                }
            }
        }


def sinks(to: Exporting) -> Iterator[Json]:
    """All stats, as totals; without the token, which is for the server's eyes alone."""
    if to.collector:
        yield {
            "name": "envoy.stat_sinks.open_telemetry",
            "typed_config": {
                "@type": TYPES + "envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig",
                "grpc_service": {"envoy_grpc": {"cluster_name": COLLECTOR}},
                "emit_tags_as_attributes": True,
                "use_tag_extracted_name": True,
                "prefix": "envoy",
            },
        }


def _listener(name: str, at: Address, path: str, of_admin: str) -> Json:
    """The exact path and GET alone: behind a prefix the whole admin page would be in reach."""
    get = {"name": ":method", "string_match": {"exact": "GET"}}
    route = {
        "match": {"path": path, "headers": [get]},
        "route": {"cluster": SELF_ADMIN, "prefix_rewrite": of_admin},
    }
    hosts = [{"name": name, "domains": ["*"], "routes": [route]}]
    router = {"@type": TYPES + "envoy.extensions.filters.http.router.v3.Router"}
    manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    connections = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": TYPES + manager,
            "stat_prefix": name,
            "route_config": {"name": name, "virtual_hosts": hosts},
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
        },
    }
    return {
        "name": f"{name}_listener",
        "address": socket_address(*at),
        "filter_chains": [{"filters": [connections]}],
    }


def _cluster(name: str, host: str, port: int) -> dict[str, Json]:
    return {
        "name": name,
        "type": cluster_type(host),
        "connect_timeout": "5s",
        "load_assignment": endpoints(name, host, port),
    }


def _from_here(host: str) -> str:
    return {EVERYWHERE: "127.0.0.1", "::": "::1"}.get(host, host)
