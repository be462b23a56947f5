"""Many simulated proxies in this process: how long until the last has acknowledged an intention."""

import asyncio
import json
import ssl
import time
from typing import Any

from bench.ads import Proxy
from bench.figures import Run, run_of
from bench.http2 import GrpcStream, request_headers
from bench.intentions import Change
from bench.load import TOKEN
from bench.servers import Server
from bench.watchers import Round, connect

ADS_PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
CONNECTS_AT_ONCE = 50
READY_TIMEOUT_S = 120.0
CHANGE_TIMEOUT_S = 60.0
QUIET_S = 1.0  # no message to any proxy for so long: all have what they asked for


class Swarm:
    """All streams, and the change that they are waiting for."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.tls, self.authority = tls_to(server)
        self.streams: list[GrpcStream] = []
        self.proxies: list[Proxy] = []
        self.ends: list[str] = []
        self.is_closing = False
        self.heard_at = 0.0
        self.awaited: Change | None = None
        self.arrivals: dict[str, float] = {}
        self.all_arrived = asyncio.Event()

    async def open(self, proxy_ids: list[str]) -> None:
        for start in range(0, len(proxy_ids), CONNECTS_AT_ONCE):
            upcoming = proxy_ids[start : start + CONNECTS_AT_ONCE]
            await asyncio.gather(*(self.open_one(proxy_id) for proxy_id in upcoming))
        deadline = time.perf_counter() + READY_TIMEOUT_S
        while time.perf_counter() < self.heard_at + QUIET_S or not self.is_served():
            if time.perf_counter() > deadline or self.ends:
                served = sum(proxy.policy != b"" for proxy in self.proxies)
                raise SystemExit(f"{served} of {len(proxy_ids)} streams served; {self.ends[:3]}")
            await asyncio.sleep(0.05)

    def is_served(self) -> bool:
        return all(proxy.policy for proxy in self.proxies)

    async def open_one(self, proxy_id: str) -> None:
        scheme = "https" if self.tls else "http"
        headers = request_headers(
            scheme=scheme, authority=self.authority, path=ADS_PATH, token=TOKEN
        )

        def send(*messages: bytes) -> None:
            self.heard_at = time.perf_counter()
            stream.send(*messages)

        proxy = Proxy(proxy_id=proxy_id, send=send, changed=self.changed)
        stream = GrpcStream(headers=headers, received=proxy.received, lost=self.lost)
        tls: dict[str, Any] = {"ssl": self.tls, "server_hostname": self.authority}
        await asyncio.get_running_loop().create_connection(
            lambda: stream, "127.0.0.1", self.server.xds_port, **(tls if self.tls else {})
        )
        self.streams.append(stream)
        self.proxies.append(proxy)
        stream.send(*proxy.first_requests())

    def lost(self, why: str) -> None:
        if not self.is_closing:
            self.ends.append(why)

    def changed(self, proxy: Proxy) -> None:
        if self.awaited is not None and self.awaited.is_in(proxy.policy):
            self.arrivals.setdefault(proxy.proxy_id, time.perf_counter())
            if len(self.arrivals) == len(self.proxies):
                self.all_arrived.set()

    async def measure(self, change: Change) -> Run:
        writer = (await connect(self.server.http_port, 1))[0]
        answer = Round(waiting=1, done=asyncio.get_running_loop().create_future())
        self.awaited, self.arrivals = change, {}
        self.all_arrived.clear()
        cpu_before = self.server.cpu_seconds()
        sent_at = time.perf_counter()
        writer.watch(change.request, answer)
        try:
            await asyncio.wait_for(self.all_arrived.wait(), CHANGE_TIMEOUT_S)
            await asyncio.wait_for(answer.done, CHANGE_TIMEOUT_S)
        except TimeoutError:
            pass  # what is missing is counted as wrong below
        await asyncio.sleep(QUIET_S)
        writer.transport.close()
        missing = len(self.proxies) - len(self.arrivals)
        refused = sum(status != 200 for _, status, _ in answer.answers)
        note = self.ends[0] if self.ends else ""
        if answer.answers:
            note += f"write itself {(answer.answers[0][0] - sent_at) * 1e3:.1f} ms"
        return run_of(
            [arrived_at - sent_at for arrived_at in self.arrivals.values()],
            value=None,
            wrong=missing + refused + len(self.ends),
            server_cpu_s=self.server.cpu_seconds() - cpu_before,
            note=note,
        )

    def close(self) -> None:
        self.is_closing = True
        for stream in self.streams:
            stream.transport.close()


def tls_to(server: Server) -> tuple[ssl.SSLContext | None, str]:
    """How to reach the xDS port: Tulle's takes TLS alone, Consul's plain one is asked without."""
    if server.binary is not None:
        return None, "127.0.0.1"
    roots = json.loads(server.must("GET", "/v1/connect/ca/roots").body)
    pems = "".join(root["RootCert"] for root in roots["Roots"])
    context = ssl.create_default_context(cadata=pems)
    context.set_alpn_protocols(["h2"])
    return context, f"server.dc1.{roots['TrustDomain']}"
