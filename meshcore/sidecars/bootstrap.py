"""Envoy's bootstrap: what it starts with, and all that it can't be given while it runs."""

import re
from pathlib import Path

import msgspec

from meshcore.client.http import Json
from meshcore.sidecars import exporting, roots
from meshcore.sidecars import stats_tags as tags
from meshcore.sidecars.addresses import cluster_type, endpoints, socket_address
from meshcore.sidecars.exporting import Exporting

LOCAL_AGENT = "local_agent"
FLUSH_INTERVAL = "1s"
# Counters of callers or of revisions of intentions that are no more would stay for ever.
EVICTION_INTERVAL = "300s"
GRAPH_STATS = "tulle."  # what the access log counters of the service graph begin with
SINK_ALSO_TAKES = (
    r"listener\..*\.ssl\.certificate\..*expiration_unix_time_seconds",
    # The access log knows what a TCP connection has transferred when it ends, hours later perhaps.
    r"tcp\.public_listener\.downstream_cx_[rt]x_bytes_total",
)
TYPES = "type.googleapis.com/"


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What one sidecar's bootstrap depends on."""

    proxy_id: str
    service: str
    node_name: str
    datacenter: str
    trust_domain: str
    trust_bundle: str
    roots_file: str = ""  # where Envoy finds them anew; without, they stay as they are
    grpc_host: str
    grpc_port: int
    admin_host: str = "127.0.0.1"
    admin_port: int = 19000
    token: str = ""
    exporting: Exporting = exporting.NOTHING

    def __repr__(self) -> str:
        return f"Start({self.proxy_id})"  # it holds a token


def bootstrap(start: Start) -> dict[str, Json]:
    """The token is in it, twice: what it is written to must be for its owner's eyes alone."""
    return {
        "admin": {"address": socket_address(start.admin_host, start.admin_port)},
        "node": {
            "id": start.proxy_id,
            "cluster": start.service,
            "metadata": {
                "node_name": start.node_name,
                "namespace": "default",
                "partition": "default",
            },
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "base",
                    "static_layer": {"re2.max_program_size.error_level": 1048576},
                }
            ]
        },
        "static_resources": _static(start),
        "dynamic_resources": {
            "lds_config": {"ads": {}, "resource_api_version": "V3"},
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "grpc_services": [_grpc_service(start, retries=True)],
                "set_node_on_first_message_only": True,
            },
        },
        "stats_config": {
            "stats_tags": stats_tags(start),
            "use_all_default_tags": True,
        },
        "stats_flush_interval": FLUSH_INTERVAL,
        "stats_eviction_interval": EVICTION_INTERVAL,
        "stats_sinks": [_sink(start), *exporting.sinks(start.exporting)],
    }


def stats_tags(start: Start) -> list[Json]:
    return [
        *tags.of_clusters(start.trust_domain),
        *tags.of_upstreams(),
        *tags.of_source(start.service, start.datacenter),
    ]


def _static(start: Start) -> dict[str, Json]:
    admin = (start.admin_host, start.admin_port)
    clusters = [_control_plane(start), *exporting.clusters(start.exporting, admin=admin)]
    listeners = list(exporting.listeners(start.exporting))
    return {"clusters": clusters, **({"listeners": listeners} if listeners else {})}


def _control_plane(start: Start) -> Json:
    """Its server proves with its certificate that it is one: else anyone could hand out rules."""
    server = f"server.{start.datacenter}.{start.trust_domain}"
    return {
        "name": LOCAL_AGENT,
        "type": cluster_type(start.grpc_host),
        "connect_timeout": "1s",
        "load_assignment": endpoints(LOCAL_AGENT, start.grpc_host, start.grpc_port),
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": TYPES + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {
                    "http2_protocol_options": {
                        "connection_keepalive": {"interval": "30s", "timeout": "10s"}
                    }
                },
            }
        },
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": TYPES + "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": server,
                "common_tls_context": {
                    "alpn_protocols": ["h2"],
                    "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                    **_validation(start, server),
                },
            },
        },
    }


def _validation(start: Start, server: str) -> dict[str, Json]:
    named = {"match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": server}}]}
    if not start.roots_file:
        trusted = {"trusted_ca": {"inline_string": start.trust_bundle}}
        return {"validation_context": {**trusted, **named}}
    return {
        "combined_validation_context": {
            "default_validation_context": named,
            "validation_context_sds_secret_config": {
                "name": roots.NAME,
                "sds_config": {
                    "resource_api_version": "V3",
                    "path_config_source": {
                        "path": start.roots_file,
                        "watched_directory": {"path": str(Path(start.roots_file).parent)},
                    },
                },
            },
        }
    }


def _sink(start: Start) -> Json:
    """Send only what the service graph is made of; the admin port shows all stats."""
    sent = "|".join((rf".*{re.escape(GRAPH_STATS)}.*", *SINK_ALSO_TAKES))
    return {
        "name": "envoy.stat_sinks.open_telemetry",
        "typed_config": {
            "@type": TYPES + "envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig",
            "grpc_service": _grpc_service(start, names_proxy=True),
            "report_counters_as_deltas": True,
            "report_histograms_as_deltas": True,
            "emit_tags_as_attributes": True,
            "use_tag_extracted_name": True,
            "custom_metric_conversions": _dropping_all_but(sent),
        },
    }


def _dropping_all_but(regex: str) -> Json:
    stat_name = "envoy.extensions.matching.common_inputs.stats.v3.StatFullNameMatchInput"
    drop = "envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig.DropAction"
    is_sent = {
        "single_predicate": {
            "input": {"name": "stat", "typed_config": {"@type": TYPES + stat_name}},
            "value_match": {"safe_regex": {"google_re2": {}, "regex": regex}},
        }
    }
    dropped = {"action": {"name": "drop", "typed_config": {"@type": TYPES + drop}}}
    matcher = {"predicate": {"not_matcher": is_sent}, "on_match": dropped}
    return {"matcher_list": {"matchers": [matcher]}}


def _grpc_service(start: Start, *, retries: bool = False, names_proxy: bool = False) -> Json:
    """Reconnections are spread by chance, so a restarted server is not met by all at once.

    A report on traffic says nothing of who sends it, unlike the first request of xDS.
    """
    to: dict[str, Json] = {"cluster_name": LOCAL_AGENT}
    if retries:
        to["retry_policy"] = {"retry_back_off": {"base_interval": "0.5s", "max_interval": "10s"}}
    service: dict[str, Json] = {"envoy_grpc": to}
    sent = {"x-consul-token": start.token} if start.token else {}
    if names_proxy:
        sent |= {"x-tulle-proxy": start.proxy_id, "x-tulle-node": start.node_name}
    if sent:
        service["initial_metadata"] = [{"key": key, "value": value} for key, value in sent.items()]
    return service
