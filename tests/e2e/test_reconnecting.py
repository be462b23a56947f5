"""Proxies that come before their registration, and servers that go away."""

import socket
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from meshcore.certificates.holders import instance_leaf_key
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.mesh.types import Topic
from meshcore.registry.types import Upstream
from tests.e2e.apps import http_app, tcp_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, NODE, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e


def test_a_proxy_that_is_not_registered_waits_and_is_served_when_it_is(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    envoy = start_envoy("late-1-sidecar-proxy", "late")
    eventually(
        lambda: [s.proxy_id for s in plane.connected()] == ["late-1-sidecar-proxy"], "connected"
    )
    assert [(s.proxy, s.pushes) for s in plane.connected()] == [(None, 0)]
    plane.register_sidecar("late", port=free_port(), app_port=1)
    envoy.wait_for_listener()


def test_a_restarted_server_is_met_without_needless_updates(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    local_port = free_port()
    for service in ("web", "api"):
        plane.configure(ServiceDefaults(name=service, protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow"))
    with http_app("api") as app_port, httpx.Client() as client:
        upstream = Upstream(destination_name="api", local_bind_port=local_port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        api = plane.register_sidecar("api", port=free_port(), app_port=app_port)
        start_envoy(api, "api").wait_for_listener()
        envoy = start_envoy(web, "web")
        envoy.wait_for_listener("api:")
        plane.run(plane.xds.stop())
        assert client.get(f"http://{LOOPBACK}:{local_port}/").status_code == 200
        plane.serve_again()
        eventually(lambda: len(plane.connected()) == 2, "both have reconnected", within_s=20)
        eventually(lambda: plane.has_been_asked(10), "all types are asked for again")
        eventually(plane.is_settled, "nothing is to be sent")
        assert [stream.pushes for stream in plane.connected()] == [0, 0]
        assert client.get(f"http://{LOOPBACK}:{local_port}/").status_code == 200
        plane.intend("api")
        eventually(
            lambda: client.get(f"http://{LOOPBACK}:{local_port}/").status_code == 403,
            "the new server's changes arrive",
        )


def test_a_proxy_that_is_deregistered_keeps_serving_until_it_is_registered_otherwise(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    port = free_port()
    plane.intend("db", Intention(source="web", destination="db", action="allow"))
    with tcp_app("db") as app_port:
        upstream = Upstream(destination_name="db", local_bind_port=port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        db = plane.register_sidecar("db", port=free_port(), app_port=app_port)
        start_envoy(db, "db").wait_for_listener()
        envoy = start_envoy(web, "web")
        envoy.wait_for_listener("db:")
        assert said_by(port) == b"db"
        plane.deregister(web)
        eventually(lambda: None in [stream.proxy for stream in plane.connected()], "it is gone")
        assert said_by(port) == b"db"
        plane.register_sidecar("web", port=free_port(), app_port=1)
        eventually(lambda: not any(n.startswith("db:") for n in envoy.listeners()), "told anew")


def test_a_proxy_whose_leaf_has_ended_meanwhile_is_given_another(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    """As when nobody was there to renew it: all servers were away for days."""
    proxy_id = plane.register_sidecar("old", port=free_port(), app_port=1)
    key = instance_leaf_key(NODE, proxy_id)
    made = plane.run(plane.issuer.leaf(key, "old")).leaf
    ended = msgspec.structs.replace(made, not_after=datetime.now(UTC))
    plane.put(Topic.LEAF, (key,), ended)
    start_envoy(proxy_id, "old").wait_for_listener()
    in_force = plane.store.mesh.certificates.leaf(key)
    assert in_force is not None
    assert in_force.not_after > datetime.now(UTC)
    assert in_force.serial != made.serial


def said_by(port: int) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
        connection.sendall(b"hello")
        return connection.recv(100)
