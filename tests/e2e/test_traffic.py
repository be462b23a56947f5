"""What real Envoys count of the calls that reach them, and under whose name."""

import contextlib
import ssl
import time
from collections import Counter
from pathlib import Path

import grpc
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch
from meshcore.registry.types import Upstream
from meshcore.traffic.types import Report
from tests.e2e.apps import grpc_app, http_app, tcp_app
from tests.e2e.callers import HttpCaller, anonymous, connect, forged, identity
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, NODE, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e

Row = tuple[str, str, str, str, bool]  # source, protocol, code, deciding leaf, denied


class Heard:
    """All that was reported since."""

    def __init__(self, plane: ControlPlane) -> None:
        self.reports: list[Report] = []
        plane.traffic.tell(self.reports.append)

    def rows(self, destination: str) -> Counter[Row]:
        found: Counter[Row] = Counter()
        for report in list(self.reports):
            for row in report.counted:
                if row.destination == destination:
                    key = (row.source, row.protocol, row.code, row.leaf, row.is_denied)
                    found[key] += row.count
        return found

    def transferred(self, source: str, destination: str) -> int:
        return sum(
            each.sent + each.received
            for report in list(self.reports)
            for each in report.throughputs
            if (each.source, each.destination) == (source, destination)
        )

    def measured(self, destination: str) -> int:
        return sum(
            sum(latency.counts)
            for report in list(self.reports)
            for latency in report.latencies
            if latency.destination == destination
        )


def test_every_request_is_counted_once_under_its_caller_and_what_decided(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    heard = Heard(plane)
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    ok = Permission(action="allow", http=RequestMatch(path_prefix="/ok"))
    plane.intend("api", Intention(source="web", destination="api", revision=7, permissions=(ok,)))
    with http_app("api") as app_port, contextlib.ExitStack() as stack:
        port = free_port()
        proxy = plane.register_sidecar("api", port=port, app_port=app_port)
        start_envoy(proxy, "api").wait_for_listener()
        web, other = (
            stack.enter_context(HttpCaller(port, identity(plane, source, tmp_path)))
            for source in ("web", "other")
        )
        for _ in range(200):
            web.ask("/ok")
        for _ in range(30):
            web.ask("/no")
        for _ in range(20):
            other.ask("/ok")
        expected = {
            ("web", "http", "200", "web>api@7#0", False): 200,
            ("web", "http", "403", "web>api@7#none", True): 30,
            ("other", "http", "403", "default>api", True): 20,
        }
        eventually(lambda: heard.rows("api").total() >= 250, "250 requests are reported")
        assert dict(heard.rows("api")) == expected
        eventually(lambda: heard.measured("api") >= 200, "their durations too")
        assert heard.measured("api") == 200  # denied ones have none
        edge = plane.traffic.edges(now_s=time.time())["web", "api"]
        assert edge.rate is not None
        denials = plane.traffic.denials("api", now_s=time.time())
        assert {(each.source, each.leaf): each.count for each in denials} == {
            ("web", "web>api@7#none"): 30,
            ("other", "default>api"): 20,
        }
        assert {report.instance for report in heard.reports} == {(NODE, "api-1")}


def test_every_connection_is_counted_at_its_end_and_said_to_be_open_until_then(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    heard = Heard(plane)
    plane.intend("db", Intention(source="web", destination="db", action="allow", revision=3))
    with tcp_app("db") as app_port, contextlib.ExitStack() as stack:
        port = free_port()
        proxy = plane.register_sidecar("db", port=port, app_port=app_port)
        start_envoy(proxy, "db").wait_for_listener()
        web = identity(plane, "web", tmp_path)
        for _ in range(3):
            held = stack.enter_context(connect(port, web))
            held.sendall(b"hello")
            assert held.recv(100) == b"db"
        for _ in range(40):
            asked(port, web)
        for _ in range(10):
            asked(port, identity(plane, "other", tmp_path))
        for nobody in (anonymous(plane), forged(plane, "web", tmp_path / "forged.pem")):
            for _ in range(5):
                asked(port, nobody)
        expected = {
            ("web", "tcp", "", "web>db@3", False): 40,
            ("other", "tcp", "", "default>db", True): 10,
        }
        eventually(lambda: heard.rows("db").total() >= 50, "50 connections are reported")
        assert dict(heard.rows("db")) == expected
        eventually(lambda: open_toward_db(plane) == 3, "three connections are open")
        told = heard.transferred("web", "db")
        for _ in range(100):
            held.sendall(b"hello")
            assert held.recv(100) == b"db"
        eventually(lambda: heard.transferred("web", "db") >= told + 700, "what they transfer")
    eventually(lambda: heard.rows("db").total() >= 53, "the three that were held are over")
    eventually(lambda: not open_toward_db(plane), "no connection is open")


def test_a_call_by_grpc_is_counted_with_its_own_status(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    heard = Heard(plane)
    plane.configure(ServiceDefaults(name="echo", protocol="grpc"))
    plane.intend("echo", Intention(source="web", destination="echo", action="allow", revision=5))
    local_port = free_port()
    upstream = Upstream(destination_name="echo", local_bind_port=local_port)
    with grpc_app("echo") as app_port:
        echo = plane.register_sidecar("echo", port=free_port(), app_port=app_port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        start_envoy(echo, "echo").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("echo:")
        with grpc.insecure_channel(f"{LOOPBACK}:{local_port}") as channel:
            name, missing = (channel.unary_unary(f"/app.Echo/{n}") for n in ("Name", "Missing"))
            for _ in range(20):
                assert name(b"", wait_for_ready=True) == b"echo"
            for _ in range(5):
                with pytest.raises(grpc.RpcError):
                    missing(b"")
    unimplemented = str(grpc.StatusCode.UNIMPLEMENTED.value[0])
    eventually(lambda: heard.rows("echo").total() >= 25, "25 calls are reported")
    assert dict(heard.rows("echo")) == {
        ("web", "grpc", "0", "web>echo@5", False): 20,
        ("web", "grpc", unimplemented, "web>echo@5", False): 5,
    }


def test_a_restart_of_the_server_or_of_the_proxy_counts_nothing_twice(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    heard = Heard(plane)
    plane.configure(ServiceDefaults(name="shop", protocol="http"))
    plane.intend("shop", Intention(source="web", destination="shop", action="allow", revision=2))
    with http_app("shop") as app_port:
        port = free_port()
        proxy = plane.register_sidecar("shop", port=port, app_port=app_port)
        envoy = start_envoy(proxy, "shop")
        envoy.wait_for_listener()
        web = identity(plane, "web", tmp_path)
        asked_of_http(port, web, 60)
        eventually(lambda: heard.rows("shop").total() >= 60, "all before are reported")

        plane.run(plane.xds.stop())
        asked_of_http(port, web, 30)  # of which nobody may ever hear
        eventually(lambda: envoy.stat(FAILED_EXPORTS) > 0, "what was counted meanwhile is lost")
        plane.serve_again()
        heard.reports.clear()
        eventually(lambda: bool(heard.reports), "it reports again")
        asked_of_http(port, web, 40)
        eventually(lambda: heard.rows("shop").total() >= 40, "all after are reported")
        assert heard.rows("shop").total() <= 70

        envoy.stop()
        heard.reports.clear()
        start_envoy(proxy, "shop").wait_for_listener()
        asked_of_http(port, web, 50)
        eventually(lambda: heard.rows("shop").total() >= 50, "a new Envoy begins at nothing")
        reported = len(heard.reports)
        eventually(lambda: len(heard.reports) >= reported + 3, "three reports more")
        assert dict(heard.rows("shop")) == {("web", "http", "200", "web>shop@2", False): 50}


FAILED_EXPORTS = "cluster.local_agent.upstream_rq_5xx"


def asked_of_http(port: int, tls: ssl.SSLContext, count: int) -> None:
    with HttpCaller(port, tls) as caller:
        for _ in range(count):
            assert caller.ask("/").status == 200


def open_toward_db(plane: ControlPlane) -> int | None:
    edge = plane.traffic.edges(now_s=time.time()).get(("web", "db"))
    return edge.connections if edge else None


def asked(port: int, tls: ssl.SSLContext) -> None:
    """Say something and hang up, whatever the answer."""
    with contextlib.suppress(ssl.SSLError, ConnectionError), connect(port, tls) as connection:
        connection.sendall(b"hello")
        connection.recv(100)
