"""Auth methods, binding rules and templated policies on their pages; what a login would get."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from msgspec.structs import replace

from dashboard.access.method_fields import fields_of, method_of
from dashboard.access.template import template
from dashboard.access.trial import Step, trial
from dashboard.params import Params
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig, KubernetesConfig
from meshcore.acl.view import Acl
from meshcore.lib.errors import NotFoundError
from meshcore.logins.verification import reviewer_place
from tests.dashboard.asking import Dashboard, asking, holder
from tests.topology.meshes import mesh

WRITE = 'acl = "write"'
KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
SSO = AuthMethod(
    name="sso",
    config=JwtConfig(
        public_keys=(KEY,),
        audiences=("tulle",),
        claim_mappings={"sub": "user"},
        list_claim_mappings={"/realm/groups": "groups"},
    ),
)
REVIEWER = "reviewer-token-of-the-cluster"
FORM = {
    "type": "jwt",
    "new": "yes",
    "name": "sso",
    "public_keys": KEY,
    "audiences": "tulle",
    "claim_mappings": "sub = user",
    "list_claim_mappings": "/realm/groups = groups",
}
CLUSTER = {
    "type": "kubernetes",
    "new": "yes",
    "name": "k8s",
    "host": "https://10.0.0.1:6443",
    "reviewer_jwt": REVIEWER,
}


def toast(answer: HttpResponse) -> Any:  # noqa: ANN401 any JSON
    return json.loads(answer["HX-Trigger"])["toast"]


def rule(**fields: Any) -> BindingRule:  # noqa: ANN401 whichever it has
    default = {"id": "r", "auth_method": "sso", "bind_type": "service", "bind_name": "web"}
    return BindingRule(**(default | fields))


def test_the_fields_of_a_method_make_the_same_method_again() -> None:
    assert method_of(fields_of(SSO), "jwt", sealed_reviewer_jwt=b"") == SSO


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"claim_mappings": "sub"}, 'Claims: "sub" is no mapping: write it as claim = name'),
        ({"public_keys": "nonsense"}, "something between the keys that is no PEM"),
        ({"jwks_url": "https://a.example"}, "exactly one of"),
        ({"max_token_ttl": "soon"}, "Tokens last: invalid duration"),
        ({"algorithms": "HS256"}, "HS256"),
        ({"name": "a b"}, "is no name for a auth method"),
    ],
)
def test_what_is_typed_wrong_is_named(
    guarded: Dashboard, typed: dict[str, str], sentence: str
) -> None:
    writer = guarded.holding(WRITE)
    answer = writer.post("/ui/do/save-method", FORM | typed)
    assert (answer.status_code, sentence in toast(answer)["text"]) == (400, True)
    html = writer.post("/ui/access/draft/method", FORM | typed).content.decode()
    assert 'class="error"' in html
    assert "/ui/do/save-method" not in html


def test_a_method_is_made_and_nobody_is_overruled(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    assert writer.post("/ui/do/save-method", FORM).status_code == 204
    assert writer.store.mesh.acl.auth_method("sso") == SSO
    again = writer.post("/ui/do/save-method", FORM)
    assert again.status_code == 409
    html = writer.post("/ui/access/draft/method", FORM).content.decode()
    assert "there is an auth method sso already" in html
    index = writer.store.mesh.acl.auth_methods["sso"].modify_index
    changed = FORM | {"new": "", "index": str(index), "description": "Ours"}
    assert writer.post("/ui/do/save-method", changed).status_code == 204
    assert writer.post("/ui/do/save-method", changed | {"issuer": "x"}).status_code == 409


def test_a_reviewers_token_is_kept_under_seal_and_never_shown(
    guarded: Dashboard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    writer = guarded.holding(WRITE)
    draft = writer.post("/ui/access/draft/method", CLUSTER)
    made = writer.post("/ui/do/save-method", CLUSTER)
    assert made.status_code == 204
    method = writer.store.mesh.acl.auth_method("k8s")
    assert method is not None
    assert isinstance(method.config, KubernetesConfig)
    sealed = method.config.sealed_reviewer_jwt
    assert writer.callers.opened_for(reviewer_place("k8s"), sealed) == REVIEWER
    index = writer.store.mesh.acl.auth_methods["k8s"].modify_index
    kept = CLUSTER | {"new": "", "reviewer_jwt": "", "description": "x", "index": str(index)}
    assert writer.post("/ui/do/save-method", kept).status_code == 204
    after = writer.store.mesh.acl.auth_method("k8s")
    assert after is not None
    assert after.config == method.config
    paths = ("/ui/access?tab=auth-methods", "/ui/access/auth-methods/k8s", "/ui/changes")
    answers = [draft, made, *(writer.get(path) for path in paths)]
    for answer in answers:
        assert answer.status_code in (200, 204)
        assert REVIEWER not in answer.content.decode() + str(answer.headers)
    assert REVIEWER not in caplog.text


def test_what_hangs_on_a_method_goes_with_it_and_comes_back(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    writer.post("/ui/do/save-method", FORM)
    form = {"method": "sso", "bind_type": "service", "bind_name": "${value.user}"}
    writer.post("/ui/do/save-rule", form)
    html = writer.get("/ui/access/auth-methods/sso").content.decode()
    assert "1 binding rule and 0 tokens that it gave go with it" in html
    before = writer.store.mesh.acl
    answer = writer.post("/ui/do/delete-method", {"name": "sso"})
    assert toast(answer)["text"] == "Auth method sso deleted, with 1 rule or token"
    assert not writer.store.mesh.acl.binding_rules
    writer.post("/ui/do/undo", {"index": str(toast(answer)["undo"])})
    after = writer.store.mesh.acl
    assert after.auth_method("sso") == before.auth_method("sso")
    assert [each.value for each in after.binding_rules.values()] == [
        each.value for each in before.binding_rules.values()
    ]


def test_a_rule_is_made_changed_and_deleted(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    writer.post("/ui/do/save-method", FORM)
    form = {
        "method": "sso",
        "bind_type": "templated-policy",
        "bind_name": "builtin/node",
        "bind_variable": "${value.user}",
        "selector": '"dev" in list.groups',
    }
    answer = writer.post("/ui/do/save-rule", form)
    assert toast(answer)["command"] == (
        "tulle acl binding-rule create --method sso --bind-type templated-policy"
        " --bind-name builtin/node --bind-vars 'name=${value.user}'"
        """ --selector '"dev" in list.groups'"""
    )
    ((key, record),) = writer.store.mesh.acl.binding_rules.items()
    assert record.value == BindingRule(
        id=key,
        auth_method="sso",
        bind_type="templated-policy",
        bind_name="builtin/node",
        bind_variable="${value.user}",
        selector='"dev" in list.groups',
    )
    change = {"key": key, "index": str(record.modify_index), "method": "sso"}
    change |= {"bind_type": "service", "bind_name": "web"}
    assert writer.post("/ui/do/save-rule", change).status_code == 204
    assert writer.post("/ui/do/save-rule", change | {"bind_name": "api"}).status_code == 409
    assert writer.post("/ui/do/delete-rule", {"id": key}).status_code == 204
    assert not writer.store.mesh.acl.binding_rules


def test_a_dry_run_says_what_each_rule_gives() -> None:
    rules = (
        rule(id="1", bind_name="${value.user}"),
        rule(id="2", bind_type="role", bind_name="team"),
        rule(id="3", selector='"ops" in list.groups'),
        rule(id="4", bind_name="${value.nobody}"),
    )
    found = trial(SSO, rules, '{"sub": "web", "realm": {"groups": ["dev"]}}', Acl(), this="1")
    assert found.variables == (("value.user", "web"), ("list.groups", "dev"))
    assert found.steps == (
        Step(
            title="service ${value.user}",
            path="/ui/access/binding-rules/1",
            is_this=True,
            gives="service web",
        ),
        Step(
            title="role team",
            path="/ui/access/binding-rules/2",
            is_this=False,
            gives="role team",
            note="does not exist yet, so gives nothing",
        ),
        Step(title="service web", path="/ui/access/binding-rules/3", is_this=False),
        Step(
            title="service ${value.nobody}",
            path="/ui/access/binding-rules/4",
            is_this=False,
            problem='"${value.nobody}" needs value.nobody; known here are value.user',
        ),
    )
    assert "no good name" in found.refusal
    assert trial(SSO, rules[:1], '{"sub": "web"}', Acl(), this="").refusal == ""
    assert "no rule gives anything" in trial(SSO, rules[1:3], "{}", Acl(), this="").refusal


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ("{", "are no JSON object"),
        ("[]", "are no JSON object"),
        ('{"sub": {}}', "neither text nor a number nor a boolean"),
    ],
)
def test_what_is_no_claims_is_said(claims: str, problem: str) -> None:
    assert problem in trial(SSO, (rule(),), claims, Acl(), this="").problem


def test_kubernetes_claims_are_a_service_account() -> None:
    method = AuthMethod(
        name="k8s", config=KubernetesConfig(host="https://a", sealed_reviewer_jwt=b"x")
    )
    claims = '{"serviceaccount": {"namespace": "shop", "name": "web", "uid": "1"}}'
    found = trial(method, (rule(bind_name="${serviceaccount.name}"),), claims, Acl(), this="r")
    assert [step.gives for step in found.steps] == ["service web"]


def test_a_draft_is_tried_beside_the_other_rules(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    writer.post("/ui/do/save-method", FORM)
    form = {"method": "sso", "bind_type": "service", "bind_name": "${value.user}"}
    writer.post("/ui/do/save-rule", form)
    draft = form | {"bind_type": "node", "claims": '{"sub": "<b>x"}'}
    html = writer.post("/ui/access/draft/rule", draft).content.decode()
    assert "<b>x" not in html
    assert "is no name for a node identity" in html
    draft["claims"] = '{"sub": "web"}'
    html = writer.post("/ui/access/draft/rule", draft).content.decode()
    assert ("node web" in html, "service web" in html) == (True, True)


def test_a_templated_policy_shows_its_rules_with_a_name() -> None:
    def shown(name: str, *params: tuple[str, str]) -> Mapping[str, Any]:
        request = asking(mesh(), caller=holder('acl = "read"'), arguments={"name": name})
        return template(replace(request, params=Params(params))).context

    empty = shown("builtin/node")
    assert ("{{.Name}}" in empty["text"], empty["is_filled"], empty["kinds"]) == (True, False, [])
    question = (("kind", "node"), ("access", "write"), ("segment", "node-1"))
    filled = shown("builtin/node", ("name", "node-1"), *question)
    assert filled["text"] == (
        'node "node-1" {\n  policy = "write"\n}\nservice_prefix "" {\n  policy = "read"\n}\n'
    )
    assert filled["question"].verdict == "allow"
    assert "is no name for a node identity" in shown("builtin/node", ("name", "A"))["problem"]
    with pytest.raises(NotFoundError):
        shown("nonsense")


def test_who_may_only_read_changes_nothing(guarded: Dashboard) -> None:
    writer, reader = guarded.holding(WRITE), guarded.holding('acl = "read"')
    writer.post("/ui/do/save-method", FORM)
    writer.post("/ui/do/save-rule", {"method": "sso", "bind_type": "service", "bind_name": "web"})
    acl = guarded.store.mesh.acl
    rule_id = next(iter(acl.binding_rules))
    for path in ("/ui/access/auth-methods/sso", f"/ui/access/binding-rules/{rule_id}"):
        html = reader.get(path).content.decode()
        assert "/ui/do/" not in html
        assert "<fieldset" in html
        assert " disabled>" in html
        assert guarded.holding("").get(path).status_code == 403
    for path in ("/ui/access/new-auth-method", "/ui/access/binding-rules/new"):
        assert reader.get(path).status_code == 403
        assert writer.get(path).status_code == 200
    for verb in ("save-method", "delete-method", "save-rule", "delete-rule"):
        form = FORM | {"id": rule_id, "bind_type": "service"}
        assert reader.post(f"/ui/do/{verb}", form).status_code == 403
    assert guarded.store.mesh.acl.auth_methods == acl.auth_methods
    assert guarded.store.mesh.acl.binding_rules == acl.binding_rules
