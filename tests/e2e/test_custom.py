"""The escape hatch at work: Envoys run what operators wrote, and intentions hold all the same."""

import json

import httpx
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from tests.e2e.apps import http_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e

TYPES = "type.googleapis.com/"
ADS = {"ads": {}, "resource_api_version": "V3"}
LUA = {
    "name": "lua",
    "typed_config": {
        "@type": f"{TYPES}envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {
            "inline_string": "function envoy_on_response(handle)"
            " handle:headers():add('x-own', 'public') end"
        },
    },
}
ROUTER = {
    "name": "router",
    "typed_config": {"@type": f"{TYPES}envoy.extensions.filters.http.router.v3.Router"},
}


def listener(port: int, *http_filters: object, cluster: str = "", **manager: object) -> str:
    """One that routes all to a cluster, or by what else is said of it."""
    if cluster:
        route = {"match": {"prefix": "/"}, "route": {"cluster": cluster}}
        host = {"name": "own", "domains": ["*"], "routes": [route]}
        manager["route_config"] = {"name": "own", "virtual_hosts": [host]}
    config = {
        "@type": f"{TYPES}envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "own",
        "http_filters": http_filters,
        **manager,
    }
    return json.dumps(
        {
            "@type": f"{TYPES}envoy.config.listener.v3.Listener",
            "address": {"socket_address": {"address": LOOPBACK, "port_value": port}},
            "filter_chains": [{"filters": [{"name": "manager", "typed_config": config}]}],
        }
    )


def static_cluster(port: int) -> str:
    address = {"socket_address": {"address": LOOPBACK, "port_value": port}}
    assignment = {
        "cluster_name": "own",
        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
    }
    return json.dumps({"type": "STATIC", "load_assignment": assignment})


def test_a_call_goes_through_custom_listeners_and_clusters_and_is_denied_as_any_other(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    own_port, public_port = free_port(), free_port()
    for service in ("web", "api"):
        plane.configure(ServiceDefaults(name=service, protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow"))
    upstream = Upstream(
        destination_name="api",
        local_bind_port=free_port(),
        config={
            "envoy_listener_json": listener(
                own_port, ROUTER, rds={"route_config_name": "api", "config_source": ADS}
            ),
            "envoy_cluster_json": static_cluster(public_port),
        },
    )
    web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
    with http_app("api") as app_port:
        config = {
            "envoy_public_listener_json": listener(public_port, LUA, ROUTER, cluster="local_app"),
            "envoy_local_cluster_json": static_cluster(app_port),
        }
        api = plane.register_sidecar("api", port=public_port, app_port=1, config=config)
        start_envoy(api, "api").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("api:")
        url = f"http://{LOOPBACK}:{own_port}/"
        answer = httpx.get(url)
        assert (answer.status_code, answer.headers.get("x-served-by")) == (200, "api"), answer.text
        assert answer.headers["x-own"] == "public"
        plane.intend("api")
        eventually(lambda: httpx.get(url).status_code == 403, "denied")
