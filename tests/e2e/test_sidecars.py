"""Two applications, each behind a real sidecar."""

import grpc
import httpx
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch
from meshcore.registry.types import Upstream
from tests.e2e.apps import grpc_app, http_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e


def test_web_calls_api_over_http_through_both_sidecars(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    port = free_port()
    plane.configure(ServiceDefaults(name="web", protocol="http"))
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow", revision=1))
    with http_app("api") as app_port:
        api = plane.register_sidecar("api", port=free_port(), app_port=app_port)
        upstream = Upstream(destination_name="api", local_bind_port=port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        start_envoy(api, "api").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("api:")
        answer = httpx.get(f"http://{LOOPBACK}:{port}/hello")
        assert (answer.status_code, answer.headers["x-served-by"]) == (200, "api"), answer.text
        plane.intend("api")
        eventually(
            lambda: httpx.get(f"http://{LOOPBACK}:{port}/hello").status_code == 403, "denied"
        )


def test_web_calls_api_over_grpc_through_both_sidecars(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    port = free_port()
    for service in ("web", "api"):
        plane.configure(ServiceDefaults(name=service, protocol="grpc"))
    name = RequestMatch(path_exact="/app.Echo/Name")
    permission = Permission(action="allow", http=name)
    plane.intend("api", Intention(source="web", destination="api", permissions=(permission,)))
    with grpc_app("api") as app_port:
        api = plane.register_sidecar("api", port=free_port(), app_port=app_port)
        upstream = Upstream(destination_name="api", local_bind_port=port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        start_envoy(api, "api").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("api:")
        with grpc.insecure_channel(f"{LOOPBACK}:{port}") as channel:
            assert channel.unary_unary("/app.Echo/Name")(b"", timeout=5) == b"api"
            with pytest.raises(grpc.RpcError) as refused:
                channel.unary_unary("/app.Echo/Other")(b"", timeout=5)
            assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
