"""A service's own token does all that the service needs, and nothing to anybody else's."""

import asyncio
from typing import Any

import pytest

from tests.consul_api.acl_server import ADMIN, ask, bootstrapped, denial, made, token_with
from tests.consul_api.calling import Consul, Reply

NODE = {"Node": "node-2", "Address": "10.0.0.2"}
NODE_ID = "22222222-2222-4222-8222-222222222222"
ALIVE = {"CheckID": "alive", "Name": "alive", "TTL": "30s"}
WEB = {"Name": "web", "Connect": {"SidecarService": {}}, "Check": ALIVE}


@pytest.fixture
def acls(consul: Consul) -> Consul:
    """On node-2 api with a check, and a check of the node; on node-1, by its agent, db."""
    acls = bootstrapped(consul)
    checks = [
        {"CheckID": "api-lives", "Status": "passing", "ServiceID": "api"},
        {"CheckID": "disk", "Status": "passing"},
    ]
    body = NODE | {"ID": NODE_ID, "Service": {"Service": "api"}, "Checks": checks}
    made(acls, "/v1/catalog/register", body)
    made(acls, "/v1/agent/service/register", {"Name": "db", "Check": ALIVE | {"CheckID": "db"}})
    return acls


def identity(acls: Consul, service: str) -> dict[str, Any]:
    token: dict[str, Any] = made(
        acls, "/v1/acl/token", {"ServiceIdentities": [{"ServiceName": service}]}
    )
    return token


def put(acls: Consul, target: str, body: object, token: dict[str, Any]) -> Reply:
    return ask(acls, "PUT", target, body, secret=token["SecretID"])


def test_a_service_identity_is_enough_for_a_service_with_its_sidecar(acls: Consul) -> None:
    acls.run(acls.context.issuer.prepare())
    web = identity(acls, "web")
    for target, body in (
        ("/v1/agent/service/register", WEB),
        ("/v1/agent/check/pass/alive", None),
        ("/v1/agent/service/maintenance/web?enable=true", None),
        ("/v1/config", {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}),
        ("/v1/catalog/register", NODE | {"Service": {"ID": "web-2", "Service": "web"}}),
        ("/v1/catalog/deregister", {"Node": "node-2", "ServiceID": "web-2"}),
    ):
        assert put(acls, target, body, web).status == 200, target
    for target in ("/v1/agent/connect/ca/leaf/web", "/v1/agent/service/web-sidecar-proxy"):
        assert ask(acls, "GET", target, secret=web["SecretID"]).status == 200
    assert put(acls, "/v1/agent/service/deregister/web", None, web).status == 200
    assert not acls.context.store.mesh.registry.of_service("web-sidecar-proxy")


@pytest.mark.parametrize(
    ("target", "body", "lacking"),
    [
        ("/v1/agent/service/register", {"Name": "web", "ID": "db"}, "service:write db"),
        (
            "/v1/agent/service/register",
            WEB | {"Check": ALIVE | {"CheckID": "db"}},
            "service:write db",
        ),
        (
            "/v1/agent/service/register",
            WEB | {"Check": ALIVE | {"CheckID": "serfHealth"}},
            "node:write node-1",
        ),
        (
            "/v1/agent/service/register",
            {"Name": "web", "Connect": {"SidecarService": {"Name": "db"}}},
            "service:write db",
        ),
        (
            "/v1/agent/service/register",
            {"Name": "web", "Kind": "connect-proxy", "Proxy": {"DestinationServiceName": "db"}},
            "service:write db",
        ),
        (
            "/v1/agent/check/register",
            ALIVE | {"CheckID": "db", "ServiceID": "db"},
            "service:write db",
        ),
        ("/v1/agent/check/deregister/db", None, "service:write db"),
        ("/v1/agent/check/pass/db", None, "service:write db"),
        ("/v1/agent/service/deregister/db", None, "service:write db"),
        ("/v1/agent/service/maintenance/db?enable=true", None, "service:write db"),
        (
            "/v1/catalog/register",
            NODE | {"Service": {"Service": "web", "ID": "api"}},
            "service:write api",
        ),
        (
            "/v1/catalog/register",
            NODE | {"Address": "10.0.0.3", "Service": {"Service": "web"}},
            "node:write node-2",
        ),
        (
            "/v1/catalog/register",
            {"Node": "mine", "ID": NODE_ID, "Address": "::1", "Service": {"Service": "web"}},
            "node:write mine",
        ),
        (
            "/v1/catalog/register",
            NODE | {"Service": {"Service": "web"}, "Check": {"CheckID": "disk"}},
            "node:write node-2",
        ),
        ("/v1/catalog/register", NODE, "node:write node-2"),
        ("/v1/catalog/deregister", {"Node": "node-2"}, "node:write node-2"),
        ("/v1/catalog/deregister", NODE | {"ServiceID": "api"}, "service:write api"),
        ("/v1/catalog/deregister", NODE | {"CheckID": "api-lives"}, "service:write api"),
        ("/v1/catalog/deregister", NODE | {"CheckID": "disk"}, "node:write node-2"),
        ("/v1/catalog/deregister", NODE | {"ServiceID": "nowhere"}, "node:write node-2"),
        (
            "/v1/config",
            {"Kind": "service-resolver", "Name": "api", "Redirect": {"Service": "web"}},
            "service:write api",
        ),
        (
            "/v1/connect/intentions/exact?source=web&destination=api",
            {"Action": "allow"},
            "intention:write api",
        ),
    ],
)
def test_it_does_nothing_to_others(acls: Consul, target: str, body: object, lacking: str) -> None:
    web = identity(acls, "web")
    before = acls.context.store.mesh
    reply = put(acls, target, body, web)
    needed, name = lacking.split()
    text = denial(f"permission '{needed}' on \"{name}\"", accessor_id=web["AccessorID"])
    assert (reply.status, reply.text) == (403, text)
    assert acls.context.store.mesh is before


def test_who_may_write_a_node_may_take_anything_off_it(acls: Consul) -> None:
    keeper = token_with(acls, 'node "node-2" { policy = "write" }')
    for body in ({"CheckID": "api-lives"}, {"ServiceID": "api"}, {}):
        assert put(acls, "/v1/catalog/deregister", NODE | body, keeper).body == b"true"
    assert acls.context.store.mesh.registry.node("node-2") is None


def test_an_agent_s_client_hears_that_what_it_takes_is_gone(acls: Consul) -> None:
    web = identity(acls, "web")
    for path in ("service/deregister", "check/deregister", "check/pass"):
        assert put(acls, f"/v1/agent/{path}/nowhere", None, web).status == 404


def test_traffic_is_sent_on_to_services_that_the_token_sees(acls: Consul) -> None:
    blind = token_with(acls, 'service "web" { policy = "write" }')
    entry = {"Kind": "service-resolver", "Name": "web", "Redirect": {"Service": "api"}}
    reply = put(acls, "/v1/config", entry, blind)
    text = denial("permission 'service:read' on \"api\"", accessor_id=blind["AccessorID"])
    assert (reply.status, reply.text) == (403, text)
    assert put(acls, "/v1/config", entry, identity(acls, "web")).body == b"true"


def test_an_intention_is_read_by_its_source_too(acls: Consul) -> None:
    target = "/v1/connect/intentions/exact?source=web&destination=api"
    made(acls, target, {"Action": "allow"})
    web = token_with(acls, 'service "web" { policy = "read" }')
    assert ask(acls, "GET", target, secret=web["SecretID"]).json["Action"] == "allow"


def test_proxy_defaults_are_read_by_anybody_as_in_consul(acls: Consul) -> None:
    made(acls, "/v1/config", {"Kind": "proxy-defaults", "Name": "global"})
    assert acls.get("/v1/config/proxy-defaults/global").status == 200


def test_who_sends_a_body_slowly_is_asked_again_when_it_is_there(acls: Consul) -> None:
    web = identity(acls, "web")

    async def scenario() -> None:
        rest = asyncio.Event()
        slow = asyncio.create_task(
            acls.client().ask(
                "PUT",
                "/v1/agent/service/register",
                WEB,
                {"x-consul-token": web["SecretID"]},
                sent_after=rest,
            )
        )
        await asyncio.sleep(0)
        target = f"/v1/acl/token/{web['AccessorID']}"
        await acls.client().ask("DELETE", target, headers={"x-consul-token": ADMIN})
        rest.set()
        reply = await slow
        assert reply is not None
        assert (reply.status, reply.text) == (403, "ACL not found")

    acls.run(scenario())
