import pytest

from meshcore.acl.types import GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY
from tests.consul_api.acl_server import ADMIN, ask, bootstrapped, made
from tests.consul_api.calling import Consul, Reply

UNKNOWN = "cccccccc-0000-4000-8000-000000000001"
RULES = 'service_prefix "" { policy = "read" }'


@pytest.fixture
def acls(consul: Consul) -> Consul:
    return bootstrapped(consul)


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.text


def test_a_policy_is_created_read_updated_and_deleted(acls: Consul) -> None:
    given = {"Name": "read", "Description": "", "Rules": RULES, "Datacenters": ["dc1"]}
    policy = made(acls, "/v1/acl/policy", given)
    computed = {"ID": policy["ID"], "Hash": policy["Hash"], "CreateIndex": 3, "ModifyIndex": 3}
    assert policy == given | computed
    target = f"/v1/acl/policy/{policy['ID']}"
    assert ask(acls, "GET", target, secret=ADMIN).json == policy
    assert ask(acls, "GET", "/v1/acl/policy/name/read", secret=ADMIN).json == policy
    assert made(acls, target, policy) == policy
    renamed = made(acls, target, {"Name": "read-all", "Rules": RULES})
    assert (renamed["ModifyIndex"], "Datacenters" in renamed) == (4, False)
    listed = ask(acls, "GET", "/v1/acl/policies", secret=ADMIN).json
    assert [each["ID"] for each in listed[:2]] == [GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY]
    assert listed[2] == {k: v for k, v in renamed.items() if k != "Rules"}
    assert ask(acls, "DELETE", target, secret=ADMIN).body == b"true"
    gone = (404, "Requested policy does not exist: ACL not found")
    assert refusal(ask(acls, "GET", target, secret=ADMIN)) == gone
    assert refusal(ask(acls, "GET", "/v1/acl/policy/name/read-all", secret=ADMIN)) == gone
    reply = ask(acls, "DELETE", target, secret=ADMIN)
    assert refusal(reply) == (404, "Cannot find policy to delete")


def test_a_builtin_policy_is_read_by_a_name_with_a_slash(acls: Consul) -> None:
    for name in ("builtin/global-read-only", "builtin%2Fglobal-read-only"):
        reply = ask(acls, "GET", f"/v1/acl/policy/name/{name}", secret=ADMIN)
        assert reply.json["ID"] == GLOBAL_READ_ONLY


def test_rules_that_do_not_parse_are_refused_with_line_and_column(acls: Consul) -> None:
    body = {"Name": "bad", "Rules": 'acl = "read"\nserivce "web" { policy = "read" }'}
    reply = ask(acls, "PUT", "/v1/acl/policy", body, secret=ADMIN)
    text = "rules:2:1: serivce is no kind of rule; did you mean service?"
    assert refusal(reply) == (400, text)


def test_a_role_is_created_read_updated_and_deleted(acls: Consul) -> None:
    policy = made(acls, "/v1/acl/policy", {"Name": "read", "Rules": RULES})
    given = {
        "Name": "readers",
        "Description": "all of them",
        "Policies": [{"ID": policy["ID"], "Name": "read"}],
        "NodeIdentities": [{"NodeName": "node-1", "Datacenter": "dc1"}],
        "TemplatedPolicies": [
            {"TemplateName": "builtin/service", "TemplateVariables": {"Name": "web"}}
        ],
    }
    role = made(acls, "/v1/acl/role", given)
    computed = {"ID": role["ID"], "Hash": role["Hash"], "CreateIndex": 4, "ModifyIndex": 4}
    assert role == given | computed
    target = f"/v1/acl/role/{role['ID']}"
    assert ask(acls, "GET", target, secret=ADMIN).json == role
    assert ask(acls, "GET", "/v1/acl/role/name/readers", secret=ADMIN).json == role
    assert made(acls, target, role) == role
    listed = f"/v1/acl/roles?policy={policy['ID']}"
    assert ask(acls, "GET", listed, secret=ADMIN).json == [role]
    made(acls, target, {"Name": "readers"})
    assert ask(acls, "GET", listed, secret=ADMIN).json == []
    assert ask(acls, "DELETE", target, secret=ADMIN).body == b"true"
    reply = ask(acls, "GET", target, secret=ADMIN)
    assert refusal(reply) == (404, "Requested role does not exist: ACL not found")
    reply = ask(acls, "DELETE", target, secret=ADMIN)
    assert refusal(reply) == (404, "Cannot find role to delete")


@pytest.mark.parametrize(
    ("target", "body", "text"),
    [
        (
            "/v1/acl/policy",
            {"ID": UNKNOWN, "Name": "read"},
            "Cannot specify the ID when creating a new policy",
        ),
        (
            "/v1/acl/policy/x",
            {"ID": UNKNOWN, "Name": "read"},
            "Policy ID in URL and payload do not match",
        ),
        (
            "/v1/acl/role/x",
            {"ID": UNKNOWN, "Name": "read"},
            "Role ID in URL and payload do not match",
        ),
        ("/v1/acl/policy", {"Name": ""}, "Invalid Policy: no Name is set"),
        (
            "/v1/acl/policy",
            {"Name": "read", "Namespace": "team"},
            'Invalid namespace "team": it is a Consul Enterprise feature',
        ),
        (
            f"/v1/acl/policy/{GLOBAL_MANAGEMENT}",
            {"Name": "mine"},
            "Changing the builtin global-management policy is not permitted",
        ),
    ],
)
def test_refused_writes(acls: Consul, target: str, body: object, text: str) -> None:
    assert refusal(ask(acls, "PUT", target, body, secret=ADMIN)) == (400, text)


def test_templated_policies_are_listed_read_and_previewed(acls: Consul) -> None:
    listed = ask(acls, "GET", "/v1/acl/templated-policies", secret=ADMIN).json
    target = "/v1/acl/templated-policy/name/builtin/service"
    shown = ask(acls, "GET", target, secret=ADMIN).json
    assert listed["builtin/service"] == shown
    assert 'service "{{.Name}}" {' in shown["Template"]
    target = "/v1/acl/templated-policy/preview/builtin/service"
    preview = ask(acls, "POST", target, {"Name": "web"}, secret=ADMIN).json
    assert preview["Rules"] == shown["Template"].replace("{{.Name}}", "web")
    assert preview["Name"] == f"synthetic-policy-{preview['ID']}"
    reply = ask(acls, "POST", target, {}, secret=ADMIN)
    assert refusal(reply) == (400, "builtin/service needs a name to put into its rules")
    reply = ask(acls, "GET", "/v1/acl/templated-policy/name/builtin/cat", secret=ADMIN)
    assert refusal(reply) == (400, "Invalid templated policy Name: builtin/cat")
