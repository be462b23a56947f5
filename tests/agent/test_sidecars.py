"""Two hosts, each with an agent that runs the Envoys of its sidecars."""

from pathlib import Path

import httpx
import pytest

from tests.agent.processes import LOOPBACK, Agent, Server, agent
from tests.e2e.apps import http_app
from tests.server.processes import free_port

pytestmark = pytest.mark.e2e

API = """
service {{
  name = "api"
  address = "127.0.0.1"
  port = {port}
  connect {{ sidecar_service {{
    port = {sidecar}
    proxy {{ config {{ envoy_prometheus_bind_addr = "127.0.0.1:{scraped}" }} }}
  }} }}
}}
"""
WEB = """
service {{
  name = "web"
  address = "127.0.0.1"
  port = 1
  connect {{ sidecar_service {{
    port = {sidecar}
    proxy {{ upstreams {{ destination_name = "api"  local_bind_port = {upstream} }} }}
  }} }}
}}
"""


def status(port: int) -> int:
    try:
        return httpx.get(f"http://{LOOPBACK}:{port}/", timeout=5).status_code
    except httpx.TransportError:
        return 0


def envoys(own: Agent) -> list[int]:
    """The processes below the agent, as Linux tells them."""
    children = Path(f"/proc/{own.process.pid}/task/{own.process.pid}/children")
    return [int(word) for word in children.read_text().split()]


def tokens(server: Server) -> list[str]:
    """What the agents have made, for the sidecars of which services."""
    found = [each["Description"] for each in server.get("/v1/acl/tokens")]
    return sorted(each for each in found if each.startswith("sidecar of "))


def test_intentions_hold_between_the_envoys_of_two_agents(tmp_path: Path) -> None:
    upstream, scraped = free_port(), free_port()
    folders = [tmp_path / name for name in ("server", "host-1", "host-2")]
    for folder in folders:
        folder.mkdir()
    server = Server(folders[0])
    for service in ("web", "api"):
        entry = {"Kind": "service-defaults", "Name": service, "Protocol": "http"}
        server.put("/v1/config", entry)
    with http_app("api") as port:
        api = {"api.hcl": API.format(port=port, sidecar=free_port(), scraped=scraped)}
        web = {"web.hcl": WEB.format(sidecar=free_port(), upstream=upstream)}
        words = ("--sidecars",)
        with (
            agent(folders[1], server, files=api, node="host-1", words=words) as callee,
            agent(folders[2], server, files=web, node="host-2", words=words) as caller,
        ):
            try:
                caller.until(lambda: status(upstream) == 403, "web may not call api")
                server.put("/v1/connect/intentions/exact?source=web&destination=api", ALLOW)
                caller.until(lambda: status(upstream) == 200, "now it may")
                assert "envoy_server_live" in httpx.get(f"http://{LOOPBACK}:{scraped}/metrics").text
                server.kill()
                assert status(upstream) == 200
                server.start()
                caller.until(lambda: tokens(server) == MADE, "a token for each service")
                before = envoys(caller)
                (caller.definitions / "web.hcl").unlink()
                caller.until(lambda: envoys(caller) == [], "the Envoy goes with its service")
                assert len(before) == 1
                caller.until(lambda: tokens(server) == MADE[:1], "and so does its token")
                assert caller.token not in caller.log.read_text()
            finally:
                callee.stop()
                caller.stop()
                server.kill()


MADE = ["sidecar of api", "sidecar of web"]
ALLOW = {"Action": "allow"}
