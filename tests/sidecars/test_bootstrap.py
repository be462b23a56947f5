"""What Envoy starts with."""

import re

import msgspec

from meshcore.sidecars.bootstrap import Start, bootstrap, stats_tags

START = Start(
    proxy_id="web-sidecar-proxy",
    service="web",
    node_name="node-1",
    datacenter="dc1",
    trust_domain="abc.consul",
    trust_bundle="ROOTS",
    grpc_host="127.0.0.1",
    grpc_port=8502,
    token="secret",
)


def tags_of(stat: str) -> dict[str, str]:
    found = {}
    for tag in stats_tags(START):
        if "regex" in tag and (match := re.search(tag["regex"], stat)):
            found[tag["tag_name"].removeprefix("consul.")] = match[2]
    return found


def test_a_clusters_stat_falls_apart_into_consuls_tags() -> None:
    assert tags_of("cluster.api.default.dc1.internal.abc.consul.upstream_rq_total") == {
        "destination.service": "api",
        "destination.namespace": "default",
        "destination.datacenter": "dc1",
        "destination.routing_type": "internal",
        "destination.trust_domain": "abc.consul",
        "destination.target": "api.default.dc1",
        "destination.full_target": "api.default.dc1.internal.abc.consul",
    }


def test_an_upstreams_stat_falls_apart_into_consuls_tags() -> None:
    assert tags_of("tcp.upstream.db.default.default.dc1.downstream_cx_total") == {
        "upstream.service": "db",
        "upstream.namespace": "default",
        "upstream.partition": "default",
        "upstream.datacenter": "dc1",
    }


def test_the_token_goes_to_the_server_alone_and_the_server_proves_itself() -> None:
    made = bootstrap(START)
    (cluster,) = made["static_resources"]["clusters"]
    validation = cluster["transport_socket"]["typed_config"]["common_tls_context"]
    assert validation["validation_context"] == {
        "trusted_ca": {"inline_string": "ROOTS"},
        "match_typed_subject_alt_names": [
            {"san_type": "DNS", "matcher": {"exact": "server.dc1.abc.consul"}}
        ],
    }
    (service,) = made["dynamic_resources"]["ads_config"]["grpc_services"]
    assert service["initial_metadata"] == [{"key": "x-consul-token", "value": "secret"}]
    assert "secret" not in repr(START)


def test_roots_in_a_file_are_read_anew_and_the_server_still_proves_its_name() -> None:
    start = msgspec.structs.replace(START, roots_file="/data/proxies/web+roots.json")
    (cluster,) = bootstrap(start)["static_resources"]["clusters"]
    tls = cluster["transport_socket"]["typed_config"]["common_tls_context"]
    assert "validation_context" not in tls
    assert tls["combined_validation_context"] == {
        "default_validation_context": {
            "match_typed_subject_alt_names": [
                {"san_type": "DNS", "matcher": {"exact": "server.dc1.abc.consul"}}
            ]
        },
        "validation_context_sds_secret_config": {
            "name": "roots",
            "sds_config": {
                "resource_api_version": "V3",
                "path_config_source": {
                    "path": "/data/proxies/web+roots.json",
                    "watched_directory": {"path": "/data/proxies"},
                },
            },
        },
    }
