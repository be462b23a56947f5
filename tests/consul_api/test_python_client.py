"""py-consul against a server on a real socket."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import consul as py_consul  # type: ignore[import-untyped]  # it ships no types
import pytest
import uvicorn

from meshcore.consul_api import app
from meshcore.consul_api.context import Context


@pytest.fixture
def client(context: Context) -> Iterator[py_consul.Consul]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app.create(context), http="httptools", lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with py_consul.Consul(host="127.0.0.1", port=listener.getsockname()[1]) as client:
        yield client
    server.should_exit = True
    thread.join()
    listener.close()


def test_services_checks_and_health(client: py_consul.Consul) -> None:
    agent = client.agent
    assert agent.service.register("web", service_id="web-1", port=80, check={"TTL": "10s"})
    assert list(agent.services()) == ["web-1"]
    assert agent.check.ttl_pass("service:web-1")
    index, (entry,) = client.health.service("web", passing=True)
    assert (entry["Service"]["Port"], int(index) > 0) == (80, True)
    index, nodes = client.health.service("web", index=index, wait="10ms")
    assert nodes == [entry]
    assert client.health.checks("web")[1][0]["Status"] == "passing"
    assert client.health.state("critical")[1] == []
    assert agent.service.maintenance("web-1", "true", "upgrade")
    assert client.health.service("web", passing=True)[1] == []
    assert agent.service.deregister("web-1")
    assert agent.services() == {}


def test_catalog(client: py_consul.Consul) -> None:
    assert client.catalog.register(
        "node-2", "10.0.0.2", service={"service": "db", "id": "db-1", "tags": ["main"]}
    )
    assert client.catalog.datacenters() == ["dc1"]
    assert client.catalog.services()[1] == {"db": ["main"]}
    assert client.catalog.service("db", tag="main")[1][0]["ServiceID"] == "db-1"
    assert client.catalog.node("node-2")[1]["Services"]["db-1"]["Tags"] == ["main"]
    assert client.catalog.node("node-9")[1] is None
    assert client.catalog.deregister("node-2")
    assert client.catalog.services()[1] == {}


def test_status_and_agent(client: py_consul.Consul) -> None:
    assert client.status.leader() == "127.0.0.1:8300"
    assert client.status.peers() == ["127.0.0.1:8300"]
    assert client.agent.self()["Config"]["NodeName"] == "node-1"


def test_config_intentions_and_roots(client: py_consul.Consul, context: Context) -> None:
    assert client.config.set("service-defaults", "api", {"Protocol": "http"})
    assert client.config.get("service-defaults", "api")["Protocol"] == "http"
    assert len(client.config.list("service-defaults")) == 1
    intentions = client.connect.intentions
    assert intentions.upsert("web", "api", action="deny")
    assert intentions.read("web", "api")["Action"] == "deny"
    assert [each["SourceName"] for each in intentions.list()] == ["web"]
    assert intentions.check("web", "api") is False
    assert list(intentions.match("destination", "api")) == ["api"]
    assert intentions.delete("web", "api")
    assert client.config.delete("service-defaults", "api")
    asyncio.run(context.issuer.prepare())
    assert client.connect.ca.roots()["Roots"][0]["Active"]
