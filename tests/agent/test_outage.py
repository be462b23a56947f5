"""While no server answers, a host goes on; with a second one it hardly notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.processes import Agent, Server, agent

WEB = 'service { name = "web"  port = 80  check { ttl = "60s" } }'


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.kill()


def ports(own: Agent) -> dict[str, int]:
    found = own.client.get("/v1/agent/services").raise_for_status().json()
    return {service_id: each["Port"] for service_id, each in found.items()}


def test_a_host_goes_on_without_servers(own_server: Server, tmp_path: Path) -> None:
    with agent(tmp_path, own_server, files={"web.hcl": WEB}) as own:
        own.until(lambda: own_server.services_on("host-1") == {"web": 80}, "web is registered")
        own.client.put("/v1/agent/service/register", json={"Name": "db"}).raise_for_status()
        own.client.put("/v1/agent/check/pass/service:web").raise_for_status()
        assert ports(own) == {"web": 80, "db": 0}
        own_server.kill()
        assert ports(own) == {"web": 80, "db": 0}
        again = own.client.put("/v1/agent/service/register", json={"Name": "db", "Port": 5432})
        assert again.status_code == 200
        own.client.put("/v1/agent/check/warn/service:web").raise_for_status()
        passed_on = own.client.get("/v1/catalog/services")
        assert passed_on.status_code == 500
        assert passed_on.text.startswith("No known Consul servers: no server answers: ")
        unknown = own.client.get("/v1/agent/services", headers={"X-Consul-Token": "another"})
        assert unknown.status_code == 503
        own_server.start()
        both = {"web": 80, "db": 5432}
        own.until(lambda: own_server.services_on("host-1") == both, "all is delivered")
        is_warned = lambda: own_server.checks_on("host-1")["service:web"] == "warning"  # noqa: E731
        own.until(is_warned, "and the status")


def test_the_next_server_is_asked_when_one_is_away(server: Server, tmp_path: Path) -> None:
    nobody = ("127.0.0.1:1",)
    with agent(tmp_path, server, files={"web.hcl": WEB}, node="failover", places=nobody) as own:
        own.until(lambda: server.services_on("failover") == {"web": 80}, "by the second")
        assert own.client.get("/v1/catalog/datacenters").json() == ["dc1"]
        written = own.client.put("/v1/agent/service/register", json={"Name": "db"})
        assert written.status_code == 200
        assert sorted(server.services_on("failover")) == ["db", "web"]
