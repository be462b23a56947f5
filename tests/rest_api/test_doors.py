"""Every endpoint with every kind of token: nobody gets in where they do not belong."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.test.client import Client

from meshcore.rest_api.context import provided
from meshcore.rest_api.root import openapi
from meshcore.store.browser_logins import COOKIE, begin
from tests.rest_api.asking import Api, Reply
from tests.topology.meshes import allow, service, toward

READ = 'service "api" { policy = "read" }'
WRITE = 'service "api" { policy = "write", intentions = "write" }'
OTHER = 'key_prefix "" { policy = "write" }'


class Door(msgspec.Struct, frozen=True):
    """A request, and whether reading or writing api lets it in."""

    path: str
    body: Mapping[str, object] | None = None
    reader: int = 200
    writer: int = 200


DOORS = {
    "/api/": Door("/api/"),
    "/api/apply": Door(
        "/api/apply", {"entries": [{"Kind": "service-defaults", "Name": "api"}]}, reader=403
    ),
    "/api/certificates": Door("/api/certificates"),
    "/api/certificates/issued": Door("/api/certificates/issued", reader=403, writer=403),
    "/api/certificates/timeline": Door("/api/certificates/timeline"),
    "/api/changes": Door("/api/changes"),
    "/api/explain": Door("/api/explain?source=web&destination=api"),
    "/api/graph": Door("/api/graph"),
    "/api/intentions/matrix": Door("/api/intentions/matrix"),
    "/api/places": Door("/api/places", {"pin": [{"service": "api", "x": 0, "y": 0}]}, reader=403),
    "/api/schema": Door("/api/schema"),
    "/api/services": Door("/api/services"),
    "/api/services/{name}": Door("/api/services/api"),
    "/api/traffic/edges": Door(
        "/api/traffic/edges?source=web&destination=api", reader=403, writer=403
    ),
    "/api/traffic/services/{name}": Door("/api/traffic/services/api"),
    "/api/certificates/rotate": Door("/api/certificates/rotate", {}, reader=403, writer=403),
    # The entry that made all that the others ask for, so it comes last.
    "/api/changes/{index}/undo": Door("/api/changes/1/undo", {}, reader=403, writer=403),
}


@pytest.fixture
def mesh(api: Api) -> Api:
    api.put(service("web", calls=["api"]), service("api"), toward(allow("web", "api")))
    asyncio.run(provided().issuer.prepare())
    return api


def knock(api: Api, door: Door, *, secret: str = "", client: Client | None = None) -> Reply:
    method = "GET" if door.body is None else "POST"
    return api.ask(method, door.path, door.body, secret=secret, client=client)


def test_the_table_has_every_endpoint() -> None:
    assert set(DOORS) == set(openapi()["paths"])


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_without_a_token_nothing_is_told(mesh: Api, door: Door) -> None:
    reply = knock(mesh, door)
    assert reply.status == 403
    assert reply.json["error"].startswith("Permission denied: anonymous token lacks permission")


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_token_does_what_its_rules_say(mesh: Api, door: Door) -> None:
    assert knock(mesh, door, secret=mesh.holding(READ)).status == door.reader
    assert knock(mesh, door, secret=mesh.holding(OTHER)).status == 403
    assert knock(mesh, door, secret=mesh.holding(WRITE)).status == door.writer
    assert knock(mesh, door, secret=mesh.management()).status == 200


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_token_that_has_ended_opens_nothing(mesh: Api, door: Door) -> None:
    expired = mesh.holding(WRITE, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    reply = knock(mesh, door, secret=expired)
    assert reply.status == 403
    assert reply.json["error"].startswith("ACL not found: this token expired at")
    revoked = mesh.holding(WRITE)
    mesh.revoke(revoked)
    for secret in (revoked, "made-up"):
        reply = knock(mesh, door, secret=secret)
        assert (reply.status, reply.json) == (403, {"error": "ACL not found"})


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_login_is_as_good_as_its_token_while_that_lasts(mesh: Api, door: Door) -> None:
    secret = mesh.holding(WRITE)
    browser = Client()  # which brings the CSRF token that a page of ours would
    browser.cookies[COOKIE] = begin(mesh.callers, secret, now=datetime.now(UTC))
    assert knock(mesh, door, client=browser).status == door.writer
    mesh.revoke(secret)
    reply = knock(mesh, door, client=browser)
    assert (reply.status, reply.json) == (
        403,
        {"error": "the token that you logged in with was revoked"},
    )


def test_a_bearer_token_is_a_token(mesh: Api) -> None:
    secret = mesh.holding(READ)
    assert mesh.get("/api/graph", Authorization=f"Bearer {secret}").status == 200
    assert mesh.get("/api/graph", Authorization=f"Basic {secret}").status == 403


def test_a_token_in_the_url_is_none(mesh: Api) -> None:
    assert mesh.get(f"/api/graph?token={mesh.management()}").status == 403


def test_where_acls_are_off_no_door_is_shut(open_api: Api) -> None:
    open_api.put(service("web", calls=["api"]), service("api"), toward(allow("web", "api")))
    asyncio.run(provided().issuer.prepare())
    assert {knock(open_api, door).status for door in DOORS.values()} == {200}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(open_api: Api, method: str) -> None:
    reply = open_api.ask(method, "/api/graph")
    assert (reply.status, reply.json) == (405, {"error": f'Method "{method}" not allowed.'})
