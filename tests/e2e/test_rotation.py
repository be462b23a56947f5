"""Leaves and roots are replaced while requests are on their way."""

import socket
import threading
from datetime import timedelta

import pytest

from meshcore.certificates.types import Lifetimes
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from tests.e2e.apps import tcp_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import Envoy, eventually, free_port

pytestmark = pytest.mark.e2e

LIFETIMES = Lifetimes(
    leaf=timedelta(seconds=4), overlap=timedelta(seconds=1), leaf_minimum=timedelta(seconds=1)
)


@pytest.fixture(scope="module")
def lifetimes() -> Lifetimes:
    return LIFETIMES


class Load:
    """Calls, each over new connections and so a new TLS handshake, one after another."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers: list[bytes] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(0.005):
            with socket.create_connection((LOOPBACK, self._port), timeout=5) as connection:
                connection.sendall(b"hello")
                self.answers.append(connection.recv(100))


def serials(envoy: Envoy) -> set[str]:
    found = envoy.admin("certs").json()["certificates"]
    return {c["serial_number"] for each in found for c in each.get("cert_chain", ())}


def trusted(envoy: Envoy) -> set[str]:
    found = envoy.admin("certs").json()["certificates"]
    return {c["serial_number"] for each in found for c in each.get("ca_cert", ())}


def is_of_new_root(plane: ControlPlane) -> bool:
    certificates = plane.store.mesh.certificates
    active = certificates.active_root()
    assert active is not None
    signed_by = {record.value.root_id for record in certificates.leaves.values()}
    return (
        len(certificates.roots) == 2 and signed_by == {active.id} and bool(active.cross_signed_by)
    )


def test_certificates_rotate_under_load_without_a_failed_call(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    port = free_port()
    plane.intend("api", Intention(source="web", destination="api", action="allow"))
    with tcp_app("api") as app_port:
        upstream = Upstream(destination_name="api", local_bind_port=port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        api = plane.register_sidecar("api", port=free_port(), app_port=app_port)
        envoys = [start_envoy(api, "api"), start_envoy(web, "web")]
        envoys[0].wait_for_listener()
        envoys[1].wait_for_listener("api:")
        plane.look_after_certificates()
        roots, leaves = [trusted(e) for e in envoys], [serials(e) for e in envoys]
        with Load(port) as load:
            plane.run(plane.issuer.rotations.rotate())
            for envoy, root, leaf in zip(envoys, roots, leaves, strict=True):
                eventually(lambda: trusted(envoy) > root, "the new root beside the old")  # noqa: B023
                eventually(lambda: not serials(envoy) & leaf, "a new leaf")  # noqa: B023
            eventually(lambda: is_of_new_root(plane), "leaves of the new root are in force")
            seen = len(load.answers)
            eventually(lambda: len(load.answers) > seen + 50, "calls with them")
        assert set(load.answers) == {b"api"}
