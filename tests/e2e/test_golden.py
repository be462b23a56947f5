"""A real Envoy accepts what the golden files hold."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.envoys import binary
from tests.xds.golden import FOLDER

pytestmark = pytest.mark.e2e

ROUTER = {
    "name": "envoy.filters.http.router",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
}
TCP_PROXY = {
    "name": "envoy.filters.network.tcp_proxy",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": "tcp",
        "cluster": "local_app",
    },
}
MANAGER = (
    "type.googleapis.com/envoy.extensions.filters.network"
    ".http_connection_manager.v3.HttpConnectionManager"
)


def golden(prefix: str) -> list[dict[str, Any]]:
    found = [json.loads(file.read_text()) for file in sorted(FOLDER.glob(f"{prefix}*.json"))]
    return [{key: v for key, v in each.items() if key != "@type"} for each in found]


def unique(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several golden files are of one name."""
    return [{**resource, "name": f"{resource['name']}-{i}"} for i, resource in enumerate(resources)]


def at_own_addresses(listeners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    own = [{"pipe": {"path": f"@listener-{i}"}} for i in range(len(listeners))]
    pairs = zip(unique(listeners), own, strict=True)
    return [{**each, "address": address} for each, address in pairs]


def listener(name: str, *network_filters: dict[str, Any]) -> dict[str, Any]:
    address = {"pipe": {"path": f"@{name}"}}
    return {"name": name, "address": address, "filter_chains": [{"filters": list(network_filters)}]}


def http(name: str, filters: list[dict[str, Any]], route: dict[str, Any]) -> dict[str, Any]:
    manager = {
        "@type": MANAGER,
        "stat_prefix": name,
        "route_config": route,
        "http_filters": [*filters, ROUTER],
    }
    return listener(name, {"name": "manager", "typed_config": manager})


def inline() -> list[dict[str, Any]]:
    """Intentions and routes, which static resources can't discover, in listeners of their own."""
    (route,) = golden("route-upstream")
    empty = {"name": "empty", "virtual_hosts": []}
    checks = golden("intentions-http")
    in_network = golden("intentions-tcp") + golden("intentions-default-allow")
    return [
        http("route", [], {**route, "validate_clusters": False}),
        *(http(f"http-{i}", [check], empty) for i, check in enumerate(checks)),
        *(listener(f"tcp-{i}", check, TCP_PROXY) for i, check in enumerate(in_network)),
    ]


def with_endpoints() -> list[dict[str, Any]]:
    return [
        {"name": f"endpoints-{i}", "type": "STATIC", "load_assignment": assignment}
        for i, assignment in enumerate(golden("endpoints"))
    ]


def test_envoy_accepts_all_golden_files(tmp_path: Path) -> None:
    ads = {
        "name": "ads",
        "type": "STATIC",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/"
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }
    local_app, *_ = golden("cluster-local-app")
    bootstrap = {
        "node": {"id": "web", "cluster": "web"},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": "ads"}}],
            }
        },
        "static_resources": {
            "clusters": [ads, local_app, *unique(golden("cluster")), *with_endpoints()],
            "listeners": [*at_own_addresses(golden("listener")), *inline()],
        },
    }
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap))
    ended = subprocess.run(
        [binary(), "--mode", "validate", "-c", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
