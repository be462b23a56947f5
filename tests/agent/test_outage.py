"""While no server answers, a host goes on; with a second one it hardly notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.processes import Agent, Server, agent

WEB = 'service { name = "web"  port = 80  check { ttl = "60s" } }'

SCRIPT = """
check {{
  name = "script"
  args = ["/bin/sh", "-c", "exit $(cat {state})"]
  interval = "1s"
}}
"""
WARNED = {"service:web": "warning", "script": "warning"}


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.kill()


def ports(own: Agent) -> dict[str, int]:
    found = own.client.get("/v1/agent/services").raise_for_status().json()
    return {service_id: each["Port"] for service_id, each in found.items()}


def test_a_host_goes_on_without_servers(own_server: Server, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("0")
    files = {"web.hcl": WEB, "script.hcl": SCRIPT.format(state=state)}
    words = ("--enable-local-script-checks",)
    with agent(tmp_path, own_server, files=files, words=words) as own:
        own.until(lambda: own_server.services_on("host-1") == {"web": 80}, "web is registered")
        own.client.put("/v1/agent/service/register", json={"Name": "db"}).raise_for_status()
        own.client.put("/v1/agent/check/pass/service:web").raise_for_status()
        own.until(lambda: own_server.checks_on("host-1")["script"] == "passing", "the script runs")
        assert ports(own) == {"web": 80, "db": 0}
        own_server.kill()
        change_everything(own, state)
        own.until(lambda: own.has_said("no server answers"), "the outage is told")
        own.until(lambda: own.has_said("check script is warning"), "the script runs on")
        own_server.start()
        both = {"web": 80, "db": 5432, "api": 81}
        own.until(lambda: own_server.services_on("host-1") == both, "all is delivered")
        own.until(lambda: own_server.checks_on("host-1") == WARNED, "and each status")
        own.until(lambda: own.has_said("a server answers again"), "its return is told")
        assert own.token not in own.log.read_text()


def change_everything(own: Agent, state: Path) -> None:
    """As if nothing was amiss; what only a server can do is refused with a sentence."""
    assert ports(own) == {"web": 80, "db": 0}
    again = own.client.put("/v1/agent/service/register", json={"Name": "db", "Port": 5432})
    assert again.status_code == 200
    own.client.put("/v1/agent/check/warn/service:web").raise_for_status()
    own.define("api.hcl", 'service { name = "api"  port = 81 }')
    state.write_text("1")
    passed_on = own.client.get("/v1/catalog/services")
    assert passed_on.status_code == 500
    assert passed_on.text.startswith("No known Consul servers: no server answers: ")
    unknown = own.client.get("/v1/agent/services", headers={"X-Consul-Token": "another"})
    assert unknown.status_code == 503


def test_the_next_server_is_asked_when_one_is_away(server: Server, tmp_path: Path) -> None:
    nobody = ("127.0.0.1:1",)
    with agent(tmp_path, server, files={"web.hcl": WEB}, node="failover", places=nobody) as own:
        own.until(lambda: server.services_on("failover") == {"web": 80}, "by the second")
        assert own.client.get("/v1/catalog/datacenters").json() == ["dc1"]
        written = own.client.put("/v1/agent/service/register", json={"Name": "db"})
        assert written.status_code == 200
        assert sorted(server.services_on("failover")) == ["db", "web"]
