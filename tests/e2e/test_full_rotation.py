"""A whole change of roots under load, from the first step to the last, and no call fails.

Every hop has HTTP or TCP traffic on it. What is away meanwhile comes back: a sidecar that was
frozen before it could hear of the new root, and one that is started again from the bootstrap that
it had before.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from meshcore.certificates.types import Lifetimes, RootState
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from meshcore.store.rotations import Pems
from tests.certificates.authorities import made
from tests.e2e.apps import http_app, tcp_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import Envoy, eventually, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# The old root is forgotten 24 s after it signed for the last time.
LIFETIMES = Lifetimes(
    leaf=timedelta(seconds=12), overlap=timedelta(seconds=2), leaf_minimum=timedelta(seconds=1)
)
TODAY = datetime.now(UTC)


@pytest.fixture(scope="module")
def lifetimes() -> Lifetimes:
    return LIFETIMES


class Load:
    """Calls one after another in a thread of its own, and what came in the place of an answer."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = 0
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(0.005):
            try:
                self._call()
            except (OSError, httpx.HTTPError, AssertionError) as error:
                self.failures.append(f"{datetime.now(UTC):%H:%M:%S.%f} {error!r}")
            self.answers += 1


def ask_by_http(port: int) -> None:
    """Over a new connection, so that nothing is spared."""
    answer = httpx.get(f"http://{LOOPBACK}:{port}/", timeout=5)
    assert answer.status_code == 200, answer.text


def ask_by_tcp(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
        connection.sendall(b"hello")
        assert connection.recv(100) == b"db"


@contextmanager
def kept_open(port: int) -> Iterator[Callable[[], None]]:
    """One TCP connection through the mesh that is in use all the time."""
    with socket.create_connection((LOOPBACK, port), timeout=5) as connection:

        def ask() -> None:
            connection.sendall(b"hello")
            assert connection.recv(100) == b"db"

        yield ask


def states(plane: ControlPlane) -> list[RootState]:
    return [root.state for root in plane.store.mesh.certificates.trusted_roots()]


def is_of_the_active_root(plane: ControlPlane) -> bool:
    certificates = plane.store.mesh.certificates
    active = certificates.active_root()
    assert active is not None
    return {record.value.root_id for record in certificates.leaves.values()} == {active.id}


def rotate(plane: ControlPlane, kind: str) -> None:
    if kind == "made":
        plane.run(plane.issuer.rotations.rotate(replaces_given=True))
        return
    begins, ends = TODAY - timedelta(1), TODAY + timedelta(900)
    root = made("corporate root", begins=begins, ends=ends)
    signing = made("mesh authority", by=root, begins=begins, ends=ends)
    own = Pems(signing.pem + root.pem, signing.key_pem)
    plane.run(plane.issuer.rotations.adopt(own, actor="test"))


def wait_for(holds: Callable[[], bool], what: str) -> None:
    eventually(holds, what, within_s=60)


@pytest.fixture
def mesh(plane: ControlPlane, start_envoy: StartEnvoy) -> Iterator[tuple[list[Envoy], list[int]]]:
    """web calls api by HTTP and api calls db by TCP; two more webs have ports of their own."""
    http, tcp, frozen, stopped = ports = [free_port() for _ in range(4)]
    for service in ("web", "api"):
        plane.configure(ServiceDefaults(name=service, protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow"))
    plane.intend("db", Intention(source="api", destination="db", action="allow"))
    with http_app("api") as api_port, tcp_app("db") as db_port:
        plane.register_sidecar("db", port=free_port(), app_port=db_port)
        to_db = Upstream(destination_name="db", local_bind_port=tcp)
        plane.register_sidecar("api", port=free_port(), app_port=api_port, upstreams=[to_db])
        for number, port in enumerate((http, frozen, stopped), 1):
            to_api = Upstream(destination_name="api", local_bind_port=port)
            plane.register_sidecar(
                "web", number=number, port=free_port(), app_port=1, upstreams=[to_api]
            )
        envoys = [start_envoy(f"{name}-1-sidecar-proxy", name) for name in ("db", "api", "web")]
        envoys += [start_envoy(f"web-{number}-sidecar-proxy", "web") for number in (2, 3)]
        envoys[0].wait_for_listener()
        envoys[1].wait_for_listener("db:")
        for envoy in envoys[2:]:
            envoy.wait_for_listener("api:")
        yield envoys, ports
        for envoy in envoys:  # the next rotation starts them anew
            envoy.stop()


@pytest.mark.parametrize("kind", ["made", "given"])
def test_no_call_fails_and_who_was_away_comes_back(
    plane: ControlPlane, mesh: tuple[list[Envoy], list[int]], kind: str
) -> None:
    (*_, frozen, stopped), (http, tcp, frozen_port, stopped_port) = mesh
    plane.look_after_certificates()
    old = plane.store.mesh.certificates.active_root()
    assert old is not None
    with (
        kept_open(tcp) as ask_again,
        Load(lambda: ask_by_http(http)) as by_http,
        Load(lambda: ask_by_tcp(tcp)) as by_tcp,
        Load(ask_again) as on_one_connection,
    ):
        stopped.stop()
        os.kill(frozen.process.pid, signal.SIGSTOP)
        try:
            rotate(plane, kind)
            wait_for(lambda: "retiring" in states(plane), "the new root signs")
            wait_for(lambda: is_of_the_active_root(plane), "all leaves are of the new root")
        finally:
            os.kill(frozen.process.pid, signal.SIGCONT)
        # It knows the old root alone, and its own leaf is of that one.
        ask_by_http(frozen_port)
        stopped.start()
        stopped.wait_for_listener("api:")
        ask_by_http(stopped_port)
        wait_for(lambda: plane.store.mesh.certificates.root(old.id) is None, "it is forgotten")
        seen = [load.answers for load in (by_http, by_tcp, on_one_connection)]
        loads = (by_http, by_tcp, on_one_connection)
        wait_for(
            lambda: all(x.answers > n + 50 for x, n in zip(loads, seen, strict=True)),
            "calls after it",
        )
        ask_by_http(frozen_port)
    assert states(plane) == ["active"]
    assert by_http.failures + by_tcp.failures + on_one_connection.failures == []
    assert min(load.answers for load in loads) > 500
