"""The agent's own API, as Consul's clients use it, and what it passes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import consul  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.agent.processes import Agent, Server, agent

NODE = "api"


@pytest.fixture(scope="module")
def own(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    with agent(tmp_path_factory.mktemp("agent"), server, node=NODE) as started:
        started.until(lambda: started.has_said("agent of"), "it has begun")
        started.until(lambda: started.is_up(), "it listens")
        yield started


@pytest.fixture
def client(own: Agent) -> Iterator[consul.Consul]:
    client = consul.Consul(host="127.0.0.1", port=own.port, token=own.token)
    yield client
    for service_id in client.agent.services():
        own.client.put(f"/v1/agent/service/deregister/{service_id}")
    for check_id in client.agent.checks():
        client.agent.check.deregister(check_id)


def test_a_service_registered_here_is_here_and_in_the_catalog(
    client: consul.Consul, server: Server
) -> None:
    assert client.agent.service.register("web", port=80, tags=["v1"], check={"TTL": "60s"})
    assert client.agent.services()["web"] == {
        "ID": "web",
        "Service": "web",
        "Tags": ["v1"],
        "Meta": {},
        "Port": 80,
        "Address": "",
        "Weights": {"Passing": 1, "Warning": 1},
        "EnableTagOverride": False,
        "Datacenter": "dc1",
    }
    _, found = client.catalog.service("web")  # passed on
    assert [(each["Node"], each["ServicePort"]) for each in found] == [(NODE, 80)]
    assert client.agent.service.deregister("web")
    assert server.services_on(NODE) == {}


def test_a_ttl_check_is_told_and_the_catalog_hears_of_it(
    client: consul.Consul, own: Agent, server: Server
) -> None:
    client.agent.service.register("web", check={"TTL": "60s"})
    assert client.agent.checks()["service:web"]["Status"] == "critical"
    assert client.agent.check.ttl_pass("service:web", "fine")
    told = client.agent.checks()["service:web"]
    assert (told["Status"], told["Output"]) == ("passing", "fine")
    own.until(lambda: server.checks_on(NODE)["service:web"] == "passing", "it is delivered")
    health = own.client.get("/v1/agent/health/service/name/web?format=text")
    assert (health.status_code, health.text) == (200, "passing")


def test_maintenance_takes_a_service_out(client: consul.Consul, own: Agent, server: Server) -> None:
    client.agent.service.register("web")
    client.agent.service.maintenance("web", "true", "upgrade")
    assert server.checks_on(NODE)["_service_maintenance:web"] == "critical"
    health = own.client.get("/v1/agent/health/service/id/web")
    assert (health.status_code, health.json()["AggregatedStatus"]) == (503, "maintenance")
    client.agent.service.maintenance("web", "false")
    assert "_service_maintenance:web" not in server.checks_on(NODE)


def test_the_agent_says_what_it_is(own: Agent) -> None:
    told = own.client.get("/v1/agent/self").json()
    assert told["Config"]["NodeName"] == NODE
    assert told["Config"]["Server"] is False
    assert told["xDS"]["Ports"]["TLS"] == own.grpc_port


def test_metrics_tell_of_the_host(client: consul.Consul, own: Agent) -> None:
    client.agent.service.register("web", check={"TTL": "60s"})
    text = own.client.get("/v1/agent/metrics?format=prometheus").text
    assert 'tulle_agent_checks{status="critical"} 1.0' in text
    assert "tulle_agent_services 1.0" in text
    gauges = {g["Name"]: g["Value"] for g in own.client.get("/v1/agent/metrics").json()["Gauges"]}
    assert gauges["tulle_agent_undelivered"] == 0
    nobody = own.client.get("/v1/agent/metrics", headers={"X-Consul-Token": ""})
    assert nobody.status_code == 403


def test_what_was_registered_here_is_here_after_a_restart(
    client: consul.Consul, own: Agent, server: Server
) -> None:
    sidecar: dict[str, Any] = {"Name": "web", "Port": 80, "Connect": {"SidecarService": {}}}
    own.client.put("/v1/agent/service/register", json=sidecar).raise_for_status()
    client.agent.check.register("disk", consul.Check.ttl("60s"))
    client.agent.check.ttl_pass("disk")
    before = server.get(f"/v1/catalog/node-services/{NODE}")
    own.until(lambda: server.checks_on(NODE)["disk"] == "passing", "disk is delivered")
    own.stop()
    own.start()
    own.until(own.is_up, "it listens again")
    assert sorted(client.agent.services()) == ["web", "web-sidecar-proxy"]
    assert server.get(f"/v1/catalog/node-services/{NODE}") == before
    assert server.checks_on(NODE)["disk"] == "passing"
    kept = list((own.folder / "data" / "registered").iterdir())
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}


def test_a_token_may_here_what_it_may_at_the_servers(own: Agent, server: Server) -> None:
    made = server.put("/v1/acl/token", {"ServiceIdentities": [{"ServiceName": "api"}]})
    theirs = {"X-Consul-Token": made["SecretID"]}
    refused = own.client.put("/v1/agent/service/register", json={"Name": "web"}, headers=theirs)
    assert (refused.status_code, refused.text) == (
        403,
        "Permission denied: token lacks permission 'service:write' on \"web\"",
    )
    own.client.put("/v1/agent/service/register", json={"Name": "web"}).raise_for_status()
    own.client.put("/v1/agent/service/register", json={"Name": "api"}, headers=theirs)
    shown = own.client.get("/v1/agent/services", headers={"X-Consul-Token": "no-such-token"})
    assert (shown.status_code, shown.text) == (403, "ACL not found")
    nobody = own.client.get("/v1/agent/services", headers={"X-Consul-Token": ""})
    assert nobody.json() == {}
    own.client.put("/v1/agent/service/deregister/web").raise_for_status()
    own.client.put("/v1/agent/service/deregister/api", headers=theirs).raise_for_status()


def test_scripts_are_not_taken_over_http(own: Agent) -> None:
    body = {"Name": "web", "Check": {"Args": ["/bin/true"], "Interval": "10s"}}
    refused = own.client.put("/v1/agent/service/register", json=body)
    assert (refused.status_code, refused.text) == (
        400,
        "Invalid check: script checks are not run here: `tulle agent` runs them where"
        " enable_local_script_checks is set",
    )


def test_a_blocking_query_is_passed_on_and_wakes(own: Agent, server: Server) -> None:
    before = own.client.get("/v1/catalog/services")
    index = before.headers["x-consul-index"]
    body = {"Node": "elsewhere", "Address": "10.0.0.9", "Service": {"Service": "news"}}
    server.put("/v1/catalog/register", body)
    woken = own.client.get("/v1/catalog/services", params={"index": index, "wait": "10s"})
    assert "news" in woken.json()
    server.put("/v1/catalog/deregister", {"Node": "elsewhere"})


def test_a_name_that_somebody_elses_page_has_chosen_is_refused(own: Agent) -> None:
    refused = own.client.get("/v1/agent/services", headers={"Host": "evil.example:8500"})
    assert refused.status_code == 403


def test_requests_without_a_token_have_the_default_one_but_those_of_pages(
    server: Server, tmp_path: Path
) -> None:
    made = server.put("/v1/acl/token", {"ServiceIdentities": [{"ServiceName": "web"}]})
    settings = f'acl {{ tokens {{ default = "{made["SecretID"]}" }} }}'
    with agent(tmp_path, server, files={"agent.hcl": settings}, node="default") as own:
        own.until(own.is_up, "it listens")
        nobody = {"X-Consul-Token": ""}
        taken = own.client.put("/v1/agent/service/register", json={"Name": "web"}, headers=nobody)
        assert taken.status_code == 200
        assert server.services_on("default") == {"web": 0}
        assert "web" in own.client.get("/v1/catalog/services", headers=nobody).json()
        of_a_page = nobody | {"Origin": "http://evil.example"}
        refused = own.client.get("/v1/catalog/services", headers=of_a_page)
        assert refused.status_code == 403


def test_what_waits_for_an_instance_wakes_when_it_changes(
    client: consul.Consul, own: Agent
) -> None:
    client.agent.service.register("web", port=80)
    before = own.client.get("/v1/agent/service/web").json()
    params = {"hash": before["ContentHash"], "wait": "10s"}
    client.agent.service.register("web", port=81)
    assert own.client.get("/v1/agent/service/web", params=params).json()["Port"] == 81
    after = own.client.get("/v1/agent/service/web").json()["ContentHash"]
    same = own.client.get("/v1/agent/service/web", params={"hash": after, "wait": "10ms"})
    assert same.json()["Port"] == 81
