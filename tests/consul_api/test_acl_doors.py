"""All endpoints for {none, read, write, other service, expired, revoked}: who is let in where."""

from datetime import timedelta

import pytest

from meshcore.consul_api.app import ROUTES
from tests.consul_api.acl_server import ADMIN, Clock, ask, bootstrapped, denial, made, token_with
from tests.consul_api.calling import Consul, Reply
from tests.consul_api.doors import DOORS, Door

UNSEGMENTED = ("acl", "mesh", "operator")
EXPIRED = "ACL not found: this token expired at "
NOTHING: tuple[object, ...] = ([], {}, None)


def test_every_endpoint_is_in_the_table() -> None:
    served = {(method, path) for path, route in ROUTES.items() for method in route.methods}
    assert {(door.method, door.route) for door in DOORS} == served


def title(door: Door) -> str:
    return f"{door.method} {door.route}{door.rest} {' '.join(door.needs)}"


@pytest.mark.parametrize("door", DOORS, ids=title)
def test_who_is_let_in(consul: Consul, door: Door) -> None:
    clock = Clock()
    acls = bootstrapped(consul, now=clock)
    acls.run(acls.context.issuer.prepare())
    furnish(acls)
    tokens = {
        "read": token_with(acls, rules(door, access="read")),
        "write": token_with(acls, rules(door, access="write")),
        "other": token_with(acls, rules(door, access="write", of_others=True)),
        "expired": token_with(acls, rules(door, access="write"), ExpirationTTL="1h"),
        "revoked": token_with(acls, rules(door, access="write")),
    }
    clock.ahead = timedelta(hours=2)
    revoked = f"/v1/acl/token/{tokens['revoked']['AccessorID']}"
    assert ask(acls, "DELETE", revoked, secret=ADMIN).status == 200
    secrets = {"none": ""} | {name: token["SecretID"] for name, token in tokens.items()}
    order = ("none", "other", "expired", "revoked", "read", "write")  # who changes comes last
    answers = {name: told(door, asked(acls, door, secrets[name])) for name in order}
    accessors = {name: token["AccessorID"] for name, token in tokens.items()}
    assert answers == expected(door, accessors)


def asked(acls: Consul, door: Door, secret: str) -> Reply:
    return ask(acls, door.method, door.route + door.rest, door.body, secret=secret)


def told(door: Door, reply: Reply) -> str:
    """What the answer comes to: a refusal's text, rows or none and whether some are left out."""
    if reply.status == 403:
        return EXPIRED if reply.text.startswith(EXPIRED) else reply.text
    if not door.is_list:
        return str(reply.status)
    assert reply.status == 200
    rows = "nothing" if reply.json in NOTHING else "rows"
    is_told = reply.headers.get("x-consul-results-filtered-by-acls") == "true"
    return f"{rows} of more" if is_told else rows


def expected(door: Door, accessors: dict[str, str]) -> dict[str, str]:
    names = ("none", "other", "expired", "revoked", "read", "write")
    if door.is_open:
        return dict.fromkeys(names, door.answer)
    ends = {"expired": EXPIRED, "revoked": "ACL not found"}
    if not door.needs:
        return dict.fromkeys(names, door.answer) | {"none": door.nobody} | ends
    if door.is_list:
        hidden = {"none": "nothing", "other": "nothing of more"}
        return {"read": door.answer, "write": door.answer} | hidden | ends
    kind, access, *name = door.needs[0].replace(":", " ").split()
    lacking = f"permission '{kind}:{access}'" + (f' on "{name[0]}"' if name else "")
    refused = {
        who: denial(lacking, accessor_id=accessors.get(who, ""))
        for who in ("none", "other", "read")
    }
    if access == "read":
        refused["read"] = door.answer
    return refused | ends | {"write": door.answer}


def rules(door: Door, *, access: str, of_others: bool = False) -> str:
    written = []
    for need in door.needs:
        kind, _, *name = need.replace(":", " ").split()
        if kind in UNSEGMENTED:
            written.append(
                f'{kind} = "{access}"' if not of_others else 'service "other" {policy = "write"}'
            )
            continue
        segment = "other" if of_others else name[0]
        if kind == "intention":
            written.append(f'service "{segment}" {{policy = "deny" intentions = "{access}"}}')
        else:
            written.append(f'{kind} "{segment}" {{policy = "{access}"}}')
    return "\n".join(dict.fromkeys(written))


def furnish(acls: Consul) -> None:
    alive = {"CheckID": "alive", "Name": "alive", "TTL": "30s", "Status": "critical"}
    web = {"Name": "web", "Port": 80, "Connect": {"SidecarService": {}}, "Check": alive}
    made(acls, "/v1/agent/service/register", web)
    made(acls, "/v1/agent/check/register", {"Name": "disk", "TTL": "30s"})
    api = {"Node": "node-2", "Address": "10.0.0.2", "Service": {"Service": "api"}}
    made(acls, "/v1/catalog/register", api)
    for source, destination in (("web", "api"), ("api", "db"), ("web", "db")):
        ends = f"source={source}&destination={destination}"
        made(acls, f"/v1/connect/intentions/exact?{ends}", {"Action": "allow"})
    for service in ("web", "api"):
        made(acls, "/v1/config", {"Kind": "service-defaults", "Name": service, "Protocol": "tcp"})
