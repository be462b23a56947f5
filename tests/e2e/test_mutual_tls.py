"""Who gets through the public listener, and whom a caller's sidecar takes for a service."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from tests.e2e import callers
from tests.e2e.apps import http_app, tcp_app
from tests.e2e.callers import connect, forged, identity, reply
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e


@contextmanager
def sidecar_of_db(plane: ControlPlane, start_envoy: StartEnvoy) -> Iterator[int]:
    """Web may connect to db, nobody else."""
    port = free_port()
    plane.intend("db", Intention(source="web", destination="db", action="allow", revision=1))
    with tcp_app("db") as app_port:
        start_envoy(
            plane.register_sidecar("db", port=port, app_port=app_port), "db"
        ).wait_for_listener()
        yield port


def heard(port: int, tls: ssl.SSLContext) -> str:
    """With TLS 1.3 the refusal of a client's certificate shows at the first read."""
    try:
        with connect(port, tls) as connection:
            return reply(connection)
    except (ssl.SSLError, ConnectionError):
        return ""


def test_only_the_right_certificate_gets_through(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    with sidecar_of_db(plane, start_envoy) as port:
        assert {
            "web": heard(port, identity(plane, "web", tmp_path)),
            "another service": heard(port, identity(plane, "cart", tmp_path)),
            "no certificate": heard(port, callers.anonymous(plane)),
            "another authority": heard(port, forged(plane, "web", tmp_path / "forged.pem")),
        } == {"web": "db", "another service": "", "no certificate": "", "another authority": ""}


def test_a_caller_refuses_an_instance_whose_certificate_is_of_another_service(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    """The registry sends web's calls for api to the address of db's sidecar."""
    local_port, db_port = free_port(), free_port()
    for service in ("web", "api", "db"):
        plane.configure(ServiceDefaults(name=service, protocol="http"))
    for service in ("api", "db"):
        plane.intend(service, Intention(source="*", destination=service, action="allow"))
    with http_app("db") as app_port:
        upstream = Upstream(destination_name="api", local_bind_port=local_port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        db = plane.register_sidecar("db", port=db_port, app_port=app_port, number=2)
        start_envoy(db, "db").wait_for_listener()
        plane.register_sidecar("api", port=db_port, app_port=1)
        envoy = start_envoy(web, "web")
        envoy.wait_for_listener("api:")
        answer = httpx.get(f"http://{LOOPBACK}:{local_port}/")
        assert answer.status_code == 503
        eventually(
            lambda: envoy.stat(".*api.*ssl.fail_verify_san") > 0, "the SAN is what was refused"
        )
