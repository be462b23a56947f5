from typing import Any

import pytest

from meshcore.config_entries.documents import parse, to_document
from meshcore.config_entries.problems import DocumentError, Problem
from meshcore.config_entries.types import (
    OtherEntry,
    PassiveHealthCheck,
    ProxyDefaults,
    ServiceDefaults,
    UpstreamConfig,
    UpstreamLimits,
    UpstreamTuning,
)

WEB = ServiceDefaults(
    name="web",
    protocol="http",
    local_connect_timeout_ms=500,
    mesh_gateway={"Mode": "local"},
    upstream_config=UpstreamConfig(
        overrides=(
            UpstreamTuning(
                name="api",
                envoy_cluster_json="{}",
                limits=UpstreamLimits(max_connections=3),
                passive_health_check=PassiveHealthCheck(
                    interval="10s", enforcing_consecutive_5xx=50
                ),
            ),
        )
    ),
    meta={"Team": "red"},
)
CONSUL_JSON: dict[str, Any] = {
    "Kind": "service-defaults",
    "Name": "web",
    "Protocol": "HTTP",
    "LocalConnectTimeoutMs": 500,
    "MeshGateway": {"Mode": "local"},
    "UpstreamConfig": {
        "Overrides": [
            {
                "Name": "api",
                "EnvoyClusterJSON": "{}",
                "Limits": {"MaxConnections": 3},
                "PassiveHealthCheck": {"Interval": "10s", "EnforcingConsecutive5xx": 50},
            }
        ]
    },
    "Meta": {"Team": "red"},
    "Namespace": "default",
    "CreateIndex": 4,
    "ModifyIndex": 9,
}
HCL = {
    "kind": "service-defaults",
    "name": "web",
    "protocol": "http",
    "local_connect_timeout_ms": "500",
    "mesh_gateway": {"mode": "local"},
    "upstream_config": {
        "overrides": {  # one block, where a list is wanted
            "name": "api",
            "envoy_cluster_json": "{}",
            "limits": {"max_connections": 3.0},
            "passive_health_check": {
                "interval": 10_000_000_000,
                "enforcing_consecutive_5xx": 50,
            },
        }
    },
    "meta": {"Team": "red"},
}
KUBERNETES = {
    "Kind": "service-defaults",
    "Name": "web",
    "protocol": "http",
    "localConnectTimeoutMs": 500,
    "meshGateway": {"mode": "local"},
    "upstreamConfig": {
        "overrides": [
            {
                "name": "api",
                "envoyClusterJSON": "{}",
                "limits": {"maxConnections": 3, "maxPendingRequests": None},
                "passiveHealthCheck": {"interval": "10s", "enforcingConsecutive5xx": 50},
            }
        ]
    },
    "Meta": {"Team": "red"},
}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(CONSUL_JSON, id="Consul's JSON"),
        pytest.param(HCL, id="HCL"),
        pytest.param(KUBERNETES, id="Kubernetes"),
    ],
)
def test_keys_are_taken_in_all_spellings(document: dict[str, object]) -> None:
    assert parse(document) == WEB


def test_document_is_written_in_consul_s_names_and_reads_back_the_same() -> None:
    document = to_document(WEB)
    written = {key: value for key, value in CONSUL_JSON.items() if key in document}
    assert document == {**written, "Protocol": "http"}
    assert parse(document) == WEB


def test_proxy_defaults_keep_the_keys_of_config_and_are_always_named() -> None:
    document = {
        "kind": "proxy-defaults",
        "name": "global",
        "config": {"local_connect_timeout_ms": 5, "protocol": "http"},
    }
    entry = parse(document)
    assert entry == ProxyDefaults(config={"local_connect_timeout_ms": 5, "protocol": "http"})
    assert to_document(entry) == {
        "Kind": "proxy-defaults",
        "Name": "global",
        "Config": {"local_connect_timeout_ms": 5, "protocol": "http"},
    }


def test_entry_of_another_kind_is_kept_in_consul_s_spelling() -> None:
    document = {
        "kind": "service-resolver",
        "name": "web",
        "default_subset": "v1",
        "subsets": {"v1": {"only_passing": True}},
        "redirect": None,
        "meta": {"a_key": "b"},
        "modify_index": 3,
    }
    entry = parse(document)
    assert entry == OtherEntry(
        entry_kind="service-resolver",
        name="web",
        body={"DefaultSubset": "v1", "Subsets": {"v1": {"OnlyPassing": True}}, "Redirect": None},
        meta={"a_key": "b"},
    )
    assert to_document(entry) == {
        "Kind": "service-resolver",
        "Name": "web",
        "DefaultSubset": "v1",
        "Subsets": {"v1": {"OnlyPassing": True}},
        "Redirect": None,
        "Meta": {"a_key": "b"},
    }


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        pytest.param(
            {"name": "web", "protcol": "http", "zzz": 1},
            [
                Problem(("protcol",), "unknown field; did you mean protocol?"),
                Problem(("zzz",), "unknown field"),
            ],
            id="unknown fields",
        ),
        pytest.param(
            {"name": "web", "local_conect_timeout_ms": 1},
            [
                Problem(
                    ("local_conect_timeout_ms",),
                    "unknown field; did you mean local_connect_timeout_ms?",
                )
            ],
            id="hint in snake_case",
        ),
        pytest.param(
            {"Name": "web", "UpstreamConfig": {"Overrides": [{"Name": "api"}, {"Nam": "db"}]}},
            [
                Problem(
                    ("UpstreamConfig", "Overrides", 1, "Nam"),
                    "unknown field; did you mean Name?",
                )
            ],
            id="deep inside",
        ),
        pytest.param(
            {
                "Name": "web",
                "Protocol": 7,
                "MaxInboundConnections": "many",
                "Expose": [],
                "UpstreamConfig": {"Overrides": "api"},
            },
            [
                Problem(("Protocol",), "must be text, not 7"),
                Problem(("MaxInboundConnections",), 'must be a whole number, not "many"'),
                Problem(("Expose",), "must be an object, not a list"),
                Problem(("UpstreamConfig", "Overrides"), 'must be a list, not "api"'),
            ],
            id="wrong types",
        ),
        pytest.param({"Protocol": "tcp"}, [Problem(("Name",), "is required")], id="no name"),
        pytest.param(
            {"Name": "web", "name": "web"},
            [Problem(("name",), "stands here twice, in two spellings")],
            id="twice",
        ),
        pytest.param(
            {"Name": "web", "Namespace": "red"},
            [Problem(("Namespace",), "must be default: there is only one namespace")],
            id="namespace",
        ),
        pytest.param(
            {
                "name": "web",
                "protocol": "htp",
                "max_inbound_connections": -1,
                "mode": "odd",
                "mesh_gateway": {"mode": "far"},
                "upstream_config": {
                    "defaults": {"name": "api"},
                    "overrides": [
                        {"connect_timeout_ms": -5},
                        {"name": "db", "passive_health_check": {"interval": "10"}},
                        {"name": "db", "limits": {"max_connections": -2}},
                    ],
                },
            },
            [
                Problem(("protocol",), 'must be one of tcp, http, http2, grpc, not "htp"'),
                Problem(("max_inbound_connections",), "must not be negative: -1"),
                Problem(("mode",), 'must be one of direct, transparent, not "odd"'),
                Problem(("mesh_gateway", "mode"), 'must be one of none, local, remote, not "far"'),
                Problem(
                    ("upstream_config", "defaults", "name"),
                    "must be empty: defaults are for all upstreams",
                ),
                Problem(("upstream_config", "overrides", 0, "name"), "is required"),
                Problem(
                    ("upstream_config", "overrides", 0, "connect_timeout_ms"),
                    "must not be negative: -5",
                ),
                Problem(
                    ("upstream_config", "overrides", 1, "passive_health_check", "interval"),
                    'invalid duration "10": write it as 10s, 5m or 1h30m',
                ),
                Problem(("upstream_config", "overrides", 2, "name"), 'stands twice: "db"'),
                Problem(
                    ("upstream_config", "overrides", 2, "limits", "max_connections"),
                    "must not be negative: -2",
                ),
            ],
            id="bad values",
        ),
        pytest.param(
            {"Name": "web", "Meta": {f"k{i}": "" for i in range(65)}},
            [Problem(("Meta",), "has 65 pairs: 64 at most")],
            id="too much meta",
        ),
        pytest.param(
            {"Name": "web", "Meta": {"a.b": "", "c": "x" * 513, "d": 1}},
            [Problem(("Meta", "d"), "must be text, not 1")],
            id="meta that is no text",
        ),
        pytest.param(
            {"Name": "web", "Meta": {"a.b": "", "c": "x" * 513}},
            [
                Problem(("Meta", "a.b"), "keys are up to 128 letters, digits, _ and -"),
                Problem(("Meta", "c"), "values have at most 512 characters"),
            ],
            id="meta limits",
        ),
    ],
)
def test_problems_are_all_named_with_their_paths_as_written(
    document: dict[str, object], problems: list[Problem]
) -> None:
    with pytest.raises(DocumentError) as refusal:
        parse({"Kind": "service-defaults", **document})
    assert list(refusal.value.problems) == problems


def test_proxy_defaults_must_be_named_global() -> None:
    with pytest.raises(DocumentError, match=r'^Name: must be global, not "web"$'):
        parse({"Kind": "proxy-defaults", "Name": "web"})


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"Kind": "service-default"}, 'unknown kind "service-default"; did you mean'),
        ({"kind": "x"}, 'kind: unknown kind "x"; known are api-gateway, bound-api-gateway'),
        ({"Name": "web"}, "has no Kind, such as service-defaults"),
    ],
)
def test_unknown_kind_is_refused_with_the_known_ones(
    document: dict[str, object], sentence: str
) -> None:
    with pytest.raises(DocumentError, match=sentence):
        parse(document)
