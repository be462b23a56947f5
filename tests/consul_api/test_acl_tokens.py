import pytest

from meshcore.acl.types import GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY
from tests.consul_api.acl_server import ADMIN, ask, bootstrapped, made
from tests.consul_api.calling import Consul, Reply

ACCESSOR = "bbbbbbbb-0000-4000-8000-000000000001"
SECRET = "bbbbbbbb-0000-4000-8000-000000000002"
UNKNOWN = "cccccccc-0000-4000-8000-000000000001"
WEB = {
    "AccessorID": ACCESSOR,
    "SecretID": SECRET,
    "Description": "web's",
    "ServiceIdentities": [{"ServiceName": "web"}],
}


@pytest.fixture
def acls(consul: Consul) -> Consul:
    return bootstrapped(consul)


def without_times(token: dict[str, object]) -> dict[str, object]:
    return {k: v for k, v in token.items() if k not in ("CreateTime", "ExpirationTime", "Hash")}


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.text


def test_a_token_is_created_read_updated_and_deleted(acls: Consul) -> None:
    token = made(acls, "/v1/acl/token", WEB)
    assert without_times(token) == WEB | {"Local": False, "CreateIndex": 3, "ModifyIndex": 3}
    target = f"/v1/acl/token/{ACCESSOR}"
    assert ask(acls, "GET", target, secret=ADMIN).json == token
    linked = made(acls, target, token | {"Policies": [{"Name": "builtin/global-read-only"}]})
    assert linked["Policies"] == [{"ID": GLOBAL_READ_ONLY, "Name": "builtin/global-read-only"}]
    assert (linked["ModifyIndex"], linked["Hash"] != token["Hash"]) == (4, True)
    assert ask(acls, "GET", "/v1/acl/token/self", secret=SECRET).json == linked
    assert ask(acls, "DELETE", target, secret=ADMIN).body == b"true"
    assert refusal(ask(acls, "GET", target, secret=ADMIN)) == (
        404,
        "Requested token does not exist: ACL not found",
    )
    assert refusal(ask(acls, "DELETE", target, secret=ADMIN)) == (
        404,
        "Cannot find token to delete",
    )
    assert refusal(ask(acls, "GET", "/v1/acl/token/self", secret=SECRET)) == (403, "ACL not found")


def test_secrets_are_hidden_from_who_may_only_read_and_never_stored_on_the_way(
    acls: Consul,
) -> None:
    made(acls, "/v1/acl/token", WEB)
    reader = made(acls, "/v1/acl/token", {"Policies": [{"ID": GLOBAL_READ_ONLY}]})["SecretID"]
    reply = ask(acls, "GET", "/v1/acl/tokens", secret=reader)
    secrets = {each["AccessorID"]: each["SecretID"] for each in reply.json}
    assert secrets[ACCESSOR] == "<hidden>"
    assert reply.headers["cache-control"] == "no-store"
    reply = ask(acls, "GET", "/v1/acl/tokens", secret=ADMIN)
    assert [each["SecretID"] for each in reply.json if each["AccessorID"] == ACCESSOR] == [SECRET]
    target = f"/v1/acl/token/{ACCESSOR}"
    assert ask(acls, "GET", target, secret=reader).json["SecretID"] == "<hidden>"
    assert refusal(ask(acls, "GET", target, secret=SECRET)) == (
        403,
        f"Permission denied: token with AccessorID '{ACCESSOR}' lacks permission 'acl:read'",
    )
    assert acls.api.answers.kept == {}


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [
        ("servicename=web", True),
        ("servicename=api", False),
        (f"policy={GLOBAL_READ_ONLY}", True),
        (f"policy={GLOBAL_MANAGEMENT}", False),
        ("role=readers", False),
        ("authmethod=jwt", False),
        (f"servicename=web&policy={GLOBAL_READ_ONLY}", True),
    ],
)
def test_tokens_are_listed_by_what_they_are_linked_to(
    acls: Consul, query: str, *, is_listed: bool
) -> None:
    made(acls, "/v1/acl/token", WEB | {"Policies": [{"ID": GLOBAL_READ_ONLY}]})
    rows = ask(acls, "GET", f"/v1/acl/tokens?{query}", secret=ADMIN).json
    assert (ACCESSOR in [row["AccessorID"] for row in rows]) is is_listed


def test_a_clone_has_the_same_links_and_another_secret(acls: Consul) -> None:
    token = made(acls, "/v1/acl/token", WEB)
    clone = made(acls, f"/v1/acl/token/{ACCESSOR}/clone", {"Description": "its twin"})
    assert clone["Description"] == "its twin"
    assert clone["ServiceIdentities"] == token["ServiceIdentities"]
    assert clone["SecretID"] != SECRET
    assert ask(acls, "GET", "/v1/acl/token/self", secret=clone["SecretID"]).json == clone


def test_an_expanded_token_shows_all_that_it_has_its_rights_from(acls: Consul) -> None:
    policy = made(
        acls, "/v1/acl/policy", {"Name": "read-api", "Rules": 'key "a" { policy = "read" }'}
    )
    role = made(acls, "/v1/acl/role", {"Name": "readers", "Policies": [{"Name": "read-api"}]})
    made(acls, "/v1/acl/token", WEB | {"Roles": [{"Name": "readers"}]})
    target = f"/v1/acl/token/{ACCESSOR}?expanded=true"
    token = ask(acls, "GET", target, secret=ADMIN).json
    assert token["ExpandedRoles"] == [role]
    linked, synthetic = token["ExpandedPolicies"]
    assert linked == policy
    assert 'service "web-sidecar-proxy"' in synthetic["Rules"]
    assert token["AgentACLDefaultPolicy"] == "deny"


def test_expiration_is_given_as_a_duration_or_a_time(acls: Consul) -> None:
    token = made(acls, "/v1/acl/token", {"ExpirationTTL": "1h"})
    assert token["ExpirationTime"][11:13] != token["CreateTime"][11:13]
    again = made(acls, "/v1/acl/token", {"ExpirationTime": token["ExpirationTime"]})
    assert again["ExpirationTime"] == token["ExpirationTime"]
    made(acls, "/v1/acl/token", {"ExpirationTTL": 3_600_000_000_000})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"SecretID": "secret"}, "Invalid Token: SecretID is not a valid UUID"),
        ({"SecretID": ADMIN}, "Invalid Token: SecretID is already in use"),
        ({"AuthMethod": "jwt"}, "AuthMethod field is disallowed outside of Login"),
        ({"ExpirationTTL": "10s"}, "ExpirationTime cannot be less than 1m0s in the future"),
        ({"Policies": [{"Name": "read"}]}, 'No such ACL policy with name "read"'),
        ({"Roles": [{"ID": UNKNOWN}]}, f'No such ACL role with ID "{UNKNOWN}"'),
        ({"Policies": [{}]}, "a link to a policy needs an ID or a Name"),
        ({"Polices": []}, 'Token decoding failed: unknown field "Polices"'),
        (b"{", "Token decoding failed: Input data was truncated"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(acls: Consul, body: object, text: str) -> None:
    assert refusal(ask(acls, "PUT", "/v1/acl/token", body, secret=ADMIN)) == (400, text)


def test_an_unknown_token_is_neither_updated_nor_cloned(acls: Consul) -> None:
    for target in (f"/v1/acl/token/{UNKNOWN}", f"/v1/acl/token/{UNKNOWN}/clone"):
        reply = ask(acls, "PUT", target, {"Description": "x"}, secret=ADMIN)
        assert refusal(reply) == (404, f'Cannot find token "{UNKNOWN}"')


def test_accessor_in_path_and_body_have_to_agree(acls: Consul) -> None:
    reply = ask(acls, "PUT", f"/v1/acl/token/{UNKNOWN}", WEB, secret=ADMIN)
    assert refusal(reply) == (400, "Token Accessor ID in URL and payload do not match")


def test_the_last_management_token_is_deleted_by_force_alone(acls: Consul) -> None:
    own = ask(acls, "GET", "/v1/acl/token/self", secret=ADMIN).json["AccessorID"]
    policy = made(acls, "/v1/acl/policy", {"Name": "acls", "Rules": 'acl = "write"'})
    other = made(acls, "/v1/acl/token", {"Policies": [{"ID": policy["ID"]}]})["SecretID"]
    target = f"/v1/acl/token/{own}"
    reply = ask(acls, "DELETE", target, secret=ADMIN)
    assert refusal(reply) == (
        400,
        "Deletion of the request's authorization token is not permitted",
    )
    assert ask(acls, "DELETE", target, secret=other).status == 400
    assert ask(acls, "DELETE", f"{target}?force", secret=other).body == b"true"
    assert refusal(ask(acls, "GET", "/v1/acl/token/self", secret=ADMIN)) == (403, "ACL not found")
