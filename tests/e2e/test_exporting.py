"""A real Envoy whose stats are scraped and collected, besides what it tells the server."""

import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from meshcore.sidecars.exporting import Exporting
from meshcore.telemetry import otlp_pb2 as otlp
from tests.e2e.apps import http_app
from tests.e2e.callers import HttpCaller, identity
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e

EXPORT = "opentelemetry.proto.collector.metrics.v1.MetricsService"
REQUESTS = "envoy_http_downstream_rq_xx"
ANSWERED = {
    "envoy_http_conn_manager_prefix": "public_listener",
    "envoy_response_code_class": "2",
    "local_cluster": "api",
    "consul_source_service": "api",
    "consul_source_datacenter": "dc1",
}
# What Consul's UI and the dashboards that are handed around ask for, with the labels they group by.
NAMES = {
    "envoy_cluster_upstream_rq_xx": {"envoy_cluster_name": "local_app", "local_cluster": "api"},
    "envoy_cluster_upstream_rq_time_bucket": {"envoy_cluster_name": "local_app"},
    "envoy_cluster_upstream_cx_active": {
        "consul_destination_service": "db",
        "consul_destination_datacenter": "dc1",
        "consul_source_service": "api",
    },
    "envoy_cluster_membership_healthy": {"consul_destination_service": "db"},
    "envoy_http_downstream_rq_total": {"envoy_http_conn_manager_prefix": "public_listener"},
    "envoy_http_downstream_rq_time_bucket": {"envoy_http_conn_manager_prefix": "public_listener"},
    "envoy_listener_http_downstream_rq_xx": {
        "envoy_http_conn_manager_prefix": "public_listener",
        "local_cluster": "api",
    },
    "envoy_tcp_downstream_cx_total": {"consul_upstream_service": "db", "local_cluster": "api"},
    "envoy_server_live": {"local_cluster": "api"},
}


class Collector:
    """An OTLP collector as an operator may run one."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.metadata: set[str] = set()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(max_workers=2))
        handlers = {"Export": grpc.unary_unary_rpc_method_handler(self._export)}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(EXPORT, handlers),)
        )
        self.port: int = self._server.add_insecure_port(f"{LOOPBACK}:0")

    def _export(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        whole = otlp.Export.FromString(message)
        with self._lock:
            self.metadata |= {key for key, _ in context.invocation_metadata()}
            self.names |= {
                metric.name
                for resource in whole.resource_metrics
                for scope in resource.scope_metrics
                for metric in scope.metrics
            }
        return b""

    @contextmanager
    def running(self) -> Iterator[None]:
        self._server.start()
        try:
            yield
        finally:
            self._server.stop(None).wait()


def test_stats_are_scraped_and_collected_and_the_admin_page_stays_shut(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    collector, prometheus = Collector(), free_port()
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow", revision=1))
    with http_app("api") as app_port, collector.running():
        port = free_port()
        proxy = plane.register_sidecar(
            "api",
            port=port,
            app_port=app_port,
            upstreams=[Upstream(destination_name="db", local_bind_port=free_port())],
        )
        plane.register_sidecar("db", port=free_port(), app_port=free_port())
        to = Exporting(prometheus=(LOOPBACK, prometheus), collector=(LOOPBACK, collector.port))
        start_envoy(proxy, "api", token="secret", exporting=to).wait_for_listener()
        with HttpCaller(port, identity(plane, "web", tmp_path)) as web:
            for _ in range(7):
                assert web.ask("/").status == 200
        with httpx.Client(base_url=f"http://{LOOPBACK}:{prometheus}") as client:
            eventually(
                lambda: values(client.get("/metrics").text, REQUESTS, ANSWERED) == [7],
                "seven requests are to be scraped",
            )
            page = client.get("/metrics").text
            for name, labels in NAMES.items():
                assert values(page, name, labels), f"{name} {labels}"
            for shut in ("/", "/stats", "/metrics/", "/quitquitquit", "/config_dump"):
                assert client.get(shut).status_code == 404, shut
            for outside in (b"/metrics/../config_dump", b"/metrics/%2e%2e/%2e%2e/config_dump"):
                url = client.base_url.copy_with(raw_path=outside)
                assert client.get(url).status_code == 404, outside
            assert client.post("/metrics").status_code == 404
        eventually(
            lambda: {"envoy.http.downstream_rq_xx", "envoy.cluster.upstream_rq"} <= collector.names,
            "the collector is told",
        )
        assert not {"x-consul-token", "x-tulle-proxy"} & collector.metadata


def values(page: str, name: str, labels: Mapping[str, str]) -> list[float]:
    """Of all series of this name that have these labels."""
    wanted = {f'{key}="{value}"' for key, value in labels.items()}
    lines = re.findall(rf"^{name}{{(.*)}} (\S+)$", page, re.MULTILINE)
    return [float(value) for given, value in lines if wanted <= set(given.split(","))]
