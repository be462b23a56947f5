import pytest

from meshcore.acl.binding import (
    Bindings,
    Claims,
    JwtClaims,
    KubernetesClaims,
    ServiceAccount,
    bound,
    interpolated,
    jwt_sample,
    kubernetes_sample,
    require_rule,
)
from meshcore.acl.types import (
    BindingRule,
    BindType,
    NodeIdentity,
    Policy,
    ServiceIdentity,
    TemplatedPolicyLink,
)
from meshcore.acl.view import Acl
from meshcore.lib.errors import MeshError
from meshcore.lib.records import Record

WEB = KubernetesClaims(ServiceAccount("default", "web", "u-1"))
JWT = JwtClaims({"team": "api", "who": "Web"}, {"groups": ("ops", "dev")})
ACL = Acl().with_policy("p-web", Record(Policy(id="p-web", name="web"), 1, 1))


def rule(bind_type: BindType, name: str, *, variable: str = "", selector: str = "") -> BindingRule:
    return BindingRule(
        id="b-1",
        auth_method="jwt",
        bind_type=bind_type,
        bind_name=name,
        bind_variable=variable,
        selector=selector,
    )


@pytest.mark.parametrize(
    ("given", "claims", "expected"),
    [
        (
            rule(
                "service", "${serviceaccount.name}", selector='serviceaccount.namespace=="default"'
            ),
            WEB,
            Bindings(service_identities=(ServiceIdentity(service="web"),)),
        ),
        (rule("service", "web", selector="serviceaccount.name != web"), WEB, Bindings()),
        (
            rule("node", "n-${ value.team }", selector='"ops" in list.groups'),
            JWT,
            Bindings(node_identities=(NodeIdentity(node="n-api", datacenter="dc1"),)),
        ),
        (rule("node", "n", selector='"web" in list.groups'), JWT, Bindings()),
        (rule("policy", "web", selector="value.team == api"), JWT, Bindings(policies=("p-web",))),
        (rule("policy", "web", selector="value.other == api"), JWT, Bindings()),
        (rule("role", "not-there-yet"), JWT, Bindings()),
        (
            rule("templated-policy", "builtin/service", variable="${value.team}"),
            JWT,
            Bindings(
                templated_policies=(TemplatedPolicyLink(template="builtin/service", name="api"),)
            ),
        ),
    ],
)
def test_a_login_gets_what_its_claims_pass(
    given: BindingRule, claims: Claims, expected: Bindings
) -> None:
    assert bound([given, given], claims, ACL, datacenter="dc1") == expected
    assert bool(expected) is (expected != Bindings())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("$${value.team}", "${value.team}"), ("a-${value.team}-b$", "a-api-b$"), ("", "")],
)
def test_claims_are_put_into_names(text: str, expected: str) -> None:
    assert interpolated(text, JWT.variables()) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("${value.tem}", '"${value.tem}" needs value.tem; known here are value.team, value.who'),
        ("${value.team", '"${value.team" has a "${" that is not closed'),
        (
            "x-${value.who}",
            '"x-${value.who}" would become a name with capitals: value.who is "Web"',
        ),
    ],
)
def test_a_name_that_cannot_be_made_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(MeshError) as refusal:
        interpolated(text, JWT.variables())
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (rule("service", ""), "a binding rule needs a bind name"),
        (
            rule("service", "a", variable="b"),
            "bind variables are for templated-policy, not for service",
        ),
        (rule("service", "a", selector="x == y"), 'Selector "x" is not valid'),
        (rule("service", "${list.g}"), '"${list.g}" needs list.g; known here are value.team'),
        (
            rule("service", "${value.team}-"),
            '"sample-" is no name for a service identity: it takes up to 256 lower-case letters,'
            " digits, - and _, the first and last no - or _",
        ),
        (
            rule("templated-policy", "builtin/service"),
            "builtin/service needs a name to put into its rules",
        ),
    ],
)
def test_a_rule_that_no_login_could_use_is_refused(given: BindingRule, sentence: str) -> None:
    with pytest.raises(MeshError) as refusal:
        require_rule(given, jwt_sample({"team_claim": "team"}, {"groups": "g"}))
    assert str(refusal.value) == sentence


def test_a_rule_that_some_login_could_use_is_taken() -> None:
    require_rule(
        rule("service", "${value.t}", selector='"a" in list.g'), jwt_sample({"c": "t"}, {})
    )
    require_rule(rule("role", "${serviceaccount.uid}"), kubernetes_sample())
