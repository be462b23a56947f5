"""Who waits is asked again whenever rights may have changed, and when the token's time is over."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from meshcore.consul_api import app
from tests.consul_api.acl_server import ADMIN, Clock, bootstrapped, denial, made, token_with
from tests.consul_api.calling import Client, Consul, Reply

OF_WEB = 'service "web" {policy = "read"}'
OF_WEB_AND_API = OF_WEB + ' service "api" {policy = "read"}'
WEB = {"Name": "web", "Port": 80}
API = {"Name": "api", "Port": 81}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def acls(consul: Consul, clock: Clock) -> Consul:
    acls = bootstrapped(consul, now=clock)
    for service in (WEB, API):
        made(acls, "/v1/agent/service/register", service)
    return acls


def services(acls: Consul) -> str:
    """The list of services when anything changes from now on."""
    return f"/v1/catalog/services?index={acls.context.store.mesh.index}"


async def waiting(acls: Consul, target: str, secret: str) -> "asyncio.Task[Reply | None]":
    """A query that has come as far as it can without a change."""
    headers = {"x-consul-token": secret}
    task = asyncio.create_task(acls.client().ask("GET", target, headers=headers))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def admin(acls: Consul, method: str, target: str, body: object = None) -> None:
    reply = await acls.client().ask(method, target, body, {"x-consul-token": ADMIN})
    assert reply is not None
    assert reply.status == 200, reply.text


def token(acls: Consul, rules: str, **fields: object) -> dict[str, Any]:
    given: dict[str, Any] = token_with(acls, rules, **fields)
    return given


def test_a_revoked_token_s_query_ends_at_once(acls: Consul) -> None:
    reader = token(acls, OF_WEB)

    async def scenario() -> None:
        task = await waiting(acls, services(acls), reader["SecretID"])
        await admin(acls, "DELETE", f"/v1/acl/token/{reader['AccessorID']}")
        reply = await task
        assert reply is not None
        assert (reply.status, reply.text) == (403, "ACL not found")

    acls.run(scenario())


def test_a_query_ends_when_its_token_expires(acls: Consul, clock: Clock) -> None:
    reader = token(acls, OF_WEB, ExpirationTTL="1h")

    async def scenario() -> None:
        clock.ahead = timedelta(hours=1) - timedelta(milliseconds=50)
        headers = {"x-consul-token": reader["SecretID"]}
        reply = await acls.client().ask("GET", services(acls), headers=headers)
        assert reply is not None
        text = f"ACL not found: this token expired at {reader['ExpirationTime'][:19]}"
        assert (reply.status, reply.text[: len(text)]) == (403, text)

    acls.run(scenario())


def test_a_query_is_answered_anew_when_the_rights_of_its_token_change(acls: Consul) -> None:
    reader = token(acls, OF_WEB)
    policy = reader["Policies"][0]

    async def scenario() -> None:
        task = await waiting(acls, services(acls), reader["SecretID"])
        body = {"Name": policy["Name"], "Rules": OF_WEB_AND_API}
        await admin(acls, "PUT", f"/v1/acl/policy/{policy['ID']}", body)
        reply = await task
        assert reply is not None
        assert (reply.status, list(reply.json)) == (200, ["api", "web"])
        again = await waiting(acls, f"/v1/catalog/services?index={reply.index}", reader["SecretID"])
        again.cancel()

    acls.run(scenario())


def test_a_query_for_what_may_not_be_read_any_more_is_refused(acls: Consul) -> None:
    reader = token(acls, OF_WEB)
    policy = reader["Policies"][0]

    async def scenario() -> None:
        headers = {"x-consul-token": reader["SecretID"]}
        before = await acls.client().ask("GET", "/v1/agent/service/web", headers=headers)
        assert before is not None
        digest = before.headers["x-consul-contenthash"]
        target = f"/v1/agent/service/web?hash={digest}"
        task = await waiting(acls, target, reader["SecretID"])
        await admin(acls, "PUT", f"/v1/acl/policy/{policy['ID']}", {"Name": policy["Name"]})
        reply = await task
        assert reply is not None
        lacking = """permission 'service:read' on "web\""""
        text = denial(lacking, accessor_id=reader["AccessorID"])
        assert (reply.status, reply.text) == (403, text)

    acls.run(scenario())


def test_others_sleep_on_while_tokens_come_and_go(acls: Consul) -> None:
    reader = token(acls, OF_WEB)

    async def scenario() -> None:
        task = await waiting(acls, services(acls), reader["SecretID"])
        await admin(acls, "PUT", "/v1/acl/token", {"Description": "somebody else's"})
        await admin(acls, "PUT", "/v1/acl/policy", {"Name": "nobodys"})
        assert not task.done()
        await admin(acls, "PUT", "/v1/agent/service/deregister/web")
        reply = await task
        assert reply is not None
        assert (reply.status, reply.json) == (200, {})

    acls.run(scenario())


def test_a_client_has_only_so_many_queries_waiting(acls: Consul) -> None:
    reader, other = (token(acls, OF_WEB) for _ in range(2))
    few = Consul(acls.runner, app.create(replace(acls.context, most_waiting=2)))

    async def scenario() -> None:
        secret, target = reader["SecretID"], services(acls)
        tasks = [await waiting(few, target, secret) for _ in range(2)]
        reply = await few.client().ask("GET", target, headers={"x-consul-token": secret})
        assert reply is not None
        assert (reply.status, reply.text) == (
            429,
            f"Too many blocking queries: 2 from token {reader['AccessorID']} are waiting already;"
            " end some of them, or ask without index and hash",
        )
        at_once = await few.client().ask(
            "GET", "/v1/catalog/services", headers={"x-consul-token": secret}
        )
        assert at_once is not None
        assert at_once.status == 200
        tasks.append(await waiting(few, target, other["SecretID"]))
        await admin(few, "PUT", "/v1/agent/service/deregister/web")
        for task in tasks:
            answer = await task
            assert answer is not None
            assert answer.status == 200
        again = await waiting(few, services(acls), secret)
        again.cancel()

    acls.run(scenario())


def test_without_a_token_it_is_the_address_that_counts(acls: Consul) -> None:
    few = Consul(acls.runner, app.create(replace(acls.context, most_waiting=1)))

    async def scenario() -> None:
        near, far = (Client(few.api, address=address) for address in ("127.0.0.1", "10.0.0.9"))
        tasks = [
            asyncio.create_task(client.ask("GET", services(acls))) for client in (near, near, far)
        ]
        reply = await tasks[1]
        assert reply is not None
        assert (reply.status, "1 from address 127.0.0.1 are waiting" in reply.text) == (429, True)
        assert [task.done() for task in tasks] == [False, True, False]
        for client in (near, far):
            client.leave()
        assert [await tasks[0], await tasks[2]] == [None, None]

    acls.run(scenario())
