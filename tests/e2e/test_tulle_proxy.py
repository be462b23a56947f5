"""`tulle proxy` with a real Envoy: how it is stopped, and what becomes of Envoy when things die."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from meshcore.certificates.rotation import Activate, Prune
from meshcore.certificates.types import Root
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from tests.e2e.apps import tcp_app
from tests.e2e.callers import connect, identity, reply
from tests.e2e.control_plane import ControlPlane
from tests.e2e.envoys import eventually, free_port
from tests.e2e.tulle_proxy import TulleProxy, is_running, running

pytestmark = pytest.mark.e2e

WEB = "web-1-sidecar-proxy"
StartProxy = Callable[[], TulleProxy]


class Web(msgspec.Struct, frozen=True):
    """A service with its sidecar registered, and where its control plane is asked."""

    port: int
    http_port: int


@pytest.fixture(scope="module")
def web(plane: ControlPlane) -> Iterator[Web]:
    found = Web(free_port(), free_port())
    plane.serve_http(found.http_port)
    plane.intend("web", Intention(source="api", destination="web", action="allow"))
    with tcp_app("web") as app_port:
        plane.register_sidecar("web", port=found.port, app_port=app_port)
        yield found


@pytest.fixture
def start_proxy(web: Web, tmp_path: Path) -> Iterator[StartProxy]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(running(web.http_port, WEB, tmp_path))


def test_told_to_stop_it_lets_connections_end_and_then_envoy(
    plane: ControlPlane, web: Web, start_proxy: StartProxy, tmp_path: Path
) -> None:
    proxy = start_proxy()
    proxy.wait_for_listener()
    envoy = proxy.envoy()
    with connect(web.port, identity(plane, "api", tmp_path)) as connection:
        assert reply(connection) == "web"
        proxy.process.send_signal(signal.SIGTERM)
        eventually(lambda: proxy.state() == "DRAINING", "it drains")
        assert reply(connection) == "web"
    assert proxy.process.wait(10) == 0
    assert not is_running(envoy)


def test_signals_that_are_envoys_are_passed_on(start_proxy: StartProxy) -> None:
    proxy = start_proxy()
    proxy.wait_for_listener()
    proxy.process.send_signal(signal.SIGUSR1)
    proxy.process.send_signal(signal.SIGHUP)
    eventually(lambda: proxy.has_said("caught SIGUSR1"), "logs are opened again")
    eventually(lambda: proxy.has_said("SIGHUP"), "the other one arrives too")
    assert proxy.is_ready()


def test_a_killed_envoy_is_started_again_ever_later(start_proxy: StartProxy) -> None:
    proxy = start_proxy()
    first = proxy.envoy()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: proxy.has_said("ended with -9; it is started again in 1 s"), "told")
    second = proxy.envoy()
    assert second != first
    os.kill(second, signal.SIGKILL)
    eventually(lambda: proxy.has_said("ended with -9; it is started again in 2 s"), "told")
    proxy.wait_for_listener()


def test_a_killed_tulle_proxy_leaves_no_envoy_behind(start_proxy: StartProxy) -> None:
    proxy = start_proxy()
    proxy.wait_for_listener()
    envoy = proxy.envoy()
    proxy.process.kill()
    eventually(lambda: not is_running(envoy), "Envoy has ended")


def test_an_envoy_knows_its_control_plane_after_a_whole_rotation_of_the_root(
    plane: ControlPlane, web: Web, start_proxy: StartProxy
) -> None:
    proxy = start_proxy()
    proxy.wait_for_listener()
    (first,) = roots(plane)
    plane.stop_http()  # it may be away meanwhile
    eventually(lambda: proxy.has_said("the roots are not followed"), "it is missed")
    plane.run(plane.issuer.rotations.rotate())
    (second,) = (root for root in roots(plane) if root.state == "prepared")
    plane.run(plane.issuer.rotations.take(Activate(second.id)))
    plane.run(plane.issuer.rotations.take(Prune(first.id)))
    assert roots(plane) == [plane.store.mesh.certificates.active_root()]
    plane.serve_http(web.http_port)
    plane.run(plane.xds.stop())
    plane.serve_again()
    eventually(lambda: [s.proxy_id for s in plane.connected()] == [WEB], "it has reconnected")
    plane.register_sidecar(
        "web",
        port=free_port(),
        app_port=1,
        upstreams=[Upstream(destination_name="api", local_bind_port=free_port())],
    )
    proxy.wait_for_listener("api:")


def roots(plane: ControlPlane) -> list[Root]:
    return [record.value for record in plane.store.mesh.certificates.roots.values()]
