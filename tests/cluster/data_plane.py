"""Two services behind real Envoys whose control plane is the cluster's balancer."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from meshcore.sidecars.bootstrap import Start, bootstrap
from meshcore.sidecars.roots import PATH, bundle
from tests.cluster.cluster import Cluster
from tests.cluster.processes import LOOPBACK
from tests.e2e.apps import http_app
from tests.e2e.envoys import EnvoyAdmin, binary
from tests.store.postgresql import free_port

NODE = "node-1"
PAUSE_S = 0.01


class DataPlane:
    """`web` calls `api` as long as it runs, and counts what did not come back as it should."""

    def __init__(self, cluster: Cluster, folder: Path, app_port: int) -> None:
        self.cluster = cluster
        self.upstream_port = free_port()
        self.answered = 0
        self.failed: list[str] = []
        self._stopping = threading.Event()
        self._calling = threading.Thread(target=self._call, daemon=True)
        with cluster.client() as client:
            declare(client, app_port=app_port, upstream_port=self.upstream_port)
            authority = client.get(PATH).json()
        self.envoys = {
            service: Sidecar(cluster, service, folder, authority) for service in ("web", "api")
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.envoys["api"].wait_for_listener()
            self.envoys["web"].wait_for_listener("api:")
            self._calling.start()
            yield
        finally:
            self._stopping.set()
            if self._calling.ident:
                self._calling.join()
            for envoy in self.envoys.values():
                envoy.stop()

    def _call(self) -> None:
        with httpx.Client(base_url=f"http://{LOOPBACK}:{self.upstream_port}", timeout=10) as client:
            while not self._stopping.wait(PAUSE_S):
                try:
                    answer = client.get("/")
                except httpx.TransportError as error:
                    self.failed.append(repr(error))
                    continue
                if answer.status_code == httpx.codes.OK:
                    self.answered += 1
                else:
                    self.failed.append(f"{answer.status_code} {answer.text}")


class Sidecar(EnvoyAdmin):
    def __init__(
        self, cluster: Cluster, service: str, folder: Path, authority: dict[str, str]
    ) -> None:
        super().__init__(free_port(), folder / f"{service}.log")
        start = Start(
            proxy_id=proxy_id(service),
            service=service,
            node_name=NODE,
            datacenter="dc1",
            trust_domain=authority["TrustDomain"],
            trust_bundle=bundle(authority),
            grpc_host=LOOPBACK,
            grpc_port=cluster.grpc_port,
            admin_port=self.admin_port,
            token=cluster.token,
        )
        config = folder / f"{service}.json"
        config.write_text(json.dumps(bootstrap(start)))
        words = [binary(), "-c", str(config), "--concurrency", "1", "--use-dynamic-base-id"]
        words += ["--drain-time-s", "1", "--drain-strategy", "immediate"]
        with self.log.open("w") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)

    @property
    def is_connected(self) -> bool:
        return self.stat("control_plane.connected_state") == 1

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def proxy_id(service: str) -> str:
    return f"{service}-1-sidecar-proxy"


def declare(client: httpx.Client, *, app_port: int, upstream_port: int) -> None:
    for service in ("web", "api"):
        protocol = {"Kind": "service-defaults", "Name": service, "Protocol": "http"}
        client.put("/v1/config", json=protocol).raise_for_status()
    allowed = {"Name": "web", "Action": "allow"}
    intentions = {"Kind": "service-intentions", "Name": "api", "Sources": [allowed]}
    client.put("/v1/config", json=intentions).raise_for_status()
    upstream = {"DestinationName": "api", "LocalBindPort": upstream_port}
    for service, port, upstreams in (("web", 1, [upstream]), ("api", app_port, [])):
        sidecar = {
            "Kind": "connect-proxy",
            "ID": proxy_id(service),
            "Service": f"{service}-sidecar-proxy",
            "Port": free_port(),
            "Proxy": {
                "DestinationServiceName": service,
                "DestinationServiceID": f"{service}-1",
                "LocalServiceAddress": LOOPBACK,
                "LocalServicePort": port,
                "Upstreams": upstreams,
            },
        }
        place = {"Node": NODE, "Address": LOOPBACK, "Service": sidecar}
        client.put("/v1/catalog/register", json=place).raise_for_status()


@contextmanager
def running(cluster: Cluster, folder: Path) -> Iterator[DataPlane]:
    with ExitStack() as stack:
        app_port = stack.enter_context(http_app("api"))
        plane = DataPlane(cluster, folder, app_port)
        stack.enter_context(plane.running())
        yield plane
