"""A right that is taken away is gone for connections that are open already."""

import time
from pathlib import Path

import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch
from tests.e2e.apps import http_app, tcp_app
from tests.e2e.callers import HttpCaller, connect, identity, reply
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e


def allow(source: str, destination: str, revision: int) -> Intention:
    return Intention(source=source, destination=destination, action="allow", revision=revision)


def test_a_revoked_tcp_connection_is_closed_within_two_seconds(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    port = free_port()
    plane.intend("db", allow("web", "db", 1), allow("cart", "db", 1))
    with tcp_app("db") as app_port:
        envoy = start_envoy(plane.register_sidecar("db", port=port, app_port=app_port), "db")
        envoy.wait_for_listener()
        web, cart = identity(plane, "web", tmp_path), identity(plane, "cart", tmp_path)
        with connect(port, web) as live:
            assert reply(live) == "db"
            revoked_at = time.monotonic()
            plane.intend("db", allow("cart", "db", 1))
            assert live.recv(100) == b""
            assert time.monotonic() - revoked_at < 2
        with connect(port, web) as refused, connect(port, cart) as served:
            assert (reply(refused), reply(served)) == ("", "db")
        assert envoy.stat("listener_manager.listener_in_place_updated") == 1


@pytest.mark.parametrize(
    "wider",
    [
        pytest.param([allow("web", "db", 2)], id="an equal right under a new revision"),
        pytest.param([allow("web", "db", 1), allow("cart", "db", 2)], id="a right for another"),
    ],
)
def test_a_change_by_which_nobody_loses_a_right_closes_nothing(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path, wider: list[Intention]
) -> None:
    port = free_port()
    plane.intend("db", allow("web", "db", 1))
    with tcp_app("db") as app_port:
        envoy = start_envoy(plane.register_sidecar("db", port=port, app_port=app_port), "db")
        envoy.wait_for_listener()
        with connect(port, identity(plane, "web", tmp_path)) as live:
            assert reply(live) == "db"
            before = envoy.stat("extension_config_discovery.*.config_reload")
            plane.intend("db", *wider)
            eventually(
                lambda: envoy.stat("extension_config_discovery.*.config_reload") > before,
                "the new revision",
            )
            assert reply(live) == "db"
        assert envoy.stat("listener_manager.listener_in_place_updated") == 0


def test_the_next_request_of_a_live_connection_is_answered_403(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    port = free_port()
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    plane.intend("api", allow("web", "api", 1))
    only_health = Permission(action="allow", http=RequestMatch(path_exact="/health"))
    with http_app("api") as app_port:
        start_envoy(
            plane.register_sidecar("api", port=port, app_port=app_port), "api"
        ).wait_for_listener()
        with HttpCaller(port, identity(plane, "web", tmp_path)) as web:
            assert web.ask("/orders").status == 200
            plane.intend(
                "api",
                Intention(source="web", destination="api", permissions=(only_health,), revision=2),
            )
            eventually(lambda: web.ask("/orders").status == 403, "L7 revoked", within_s=1)
            assert web.ask("/health").status == 200
            plane.intend("api")
            eventually(lambda: web.ask("/health").status == 403, "L4 revoked", within_s=1)
            assert web.connections == 1
