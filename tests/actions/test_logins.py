from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from meshcore.acl.binding import JwtClaims
from meshcore.acl.types import (
    AuthMethod,
    BindingRule,
    JwtConfig,
    KubernetesConfig,
    ServiceIdentity,
    Token,
)
from meshcore.actions import auth_methods, logins
from meshcore.actions.logins import LoginRefusedError, NewSecret
from meshcore.lib.errors import DeniedError, InvalidError, MeshError, NotFoundError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JWT = AuthMethod(
    name="ci",
    config=JwtConfig(public_keys=("PEM",), claim_mappings={"sub": "service"}),
    max_token_ttl=timedelta(minutes=5),
)
KUBERNETES = AuthMethod(
    name="k8s", config=KubernetesConfig(host="https://k8s", sealed_reviewer_jwt=b"sealed")
)
RULE = BindingRule(
    id="r-1",
    auth_method="ci",
    bind_type="service",
    bind_name="${value.service}",
    selector="value.service != db",
)
SECRET = NewSecret(accessor_id="a-1", secret_hash="hash", sealed_secret=b"sealed")
WEB = JwtClaims({"service": "web"})
WEB_TOKEN = Token(
    accessor_id="a-1",
    secret_hash="hash",
    sealed_secret=b"sealed",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
    description="for web",
    service_identities=(ServiceIdentity(service="web"),),
    is_local=True,
    auth_method="ci",
)


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, changes, index=mesh.index + 1)


@pytest.fixture
def mesh() -> Mesh:
    mesh = after(Mesh(), auth_methods.put_method(Mesh(), JWT))
    return after(mesh, auth_methods.create_rule(mesh, RULE))


def logged_in(mesh: Mesh, claims: JwtClaims = WEB, method: AuthMethod = JWT) -> list[Change]:
    return [
        *logins.login(
            mesh,
            method,
            claims,
            secret=SECRET,
            now=NOW,
            datacenter="dc1",
            description="for web",
        )
    ]


def test_a_login_makes_a_token_of_what_is_bound(mesh: Mesh) -> None:
    assert logged_in(mesh) == [Change(Topic.TOKEN, ("a-1",), None, WEB_TOKEN)]


def test_a_method_without_a_longest_life_makes_tokens_that_stay(mesh: Mesh) -> None:
    method = msgspec.structs.replace(JWT, max_token_ttl=timedelta(), token_locality="global")
    mesh = after(mesh, auth_methods.put_method(mesh, method))
    staying = msgspec.structs.replace(WEB_TOKEN, expires_at=None, is_local=False)
    assert logged_in(mesh, method=method) == [Change(Topic.TOKEN, ("a-1",), None, staying)]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (JwtClaims({"service": "db"}), "no binding rule matches these claims"),
        (
            JwtClaims({"service": "Web"}),
            'a binding rule made no good name: "${value.service}" would become a name with'
            ' capitals: value.service is "Web"',
        ),
        (
            JwtClaims(),
            'a binding rule made no good name: "${value.service}" needs value.service; known here'
            " are none",
        ),
    ],
)
def test_a_refused_login_tells_its_reason_to_the_log_alone(
    mesh: Mesh, claims: JwtClaims, reason: str
) -> None:
    with pytest.raises(LoginRefusedError) as refusal:
        logged_in(mesh, claims)
    assert (str(refusal.value), refusal.value.reason) == ("Permission denied", reason)


def test_claims_that_another_version_of_the_method_verified_are_refused(mesh: Mesh) -> None:
    other = msgspec.structs.replace(JWT, config=JwtConfig(public_keys=("OLD PEM",)))
    with pytest.raises(LoginRefusedError):
        logged_in(mesh, method=other)


def test_only_tokens_of_logins_log_out(mesh: Mesh) -> None:
    mesh = after(mesh, logged_in(mesh))
    assert [*logins.logout(mesh, "a-1")] == [Change(Topic.TOKEN, ("a-1",), WEB_TOKEN, None)]
    made = msgspec.structs.replace(WEB_TOKEN, accessor_id="a-2", auth_method="")
    mesh = after(mesh, [Change(Topic.TOKEN, ("a-2",), None, made)])
    for accessor_id in ("a-2", "a-3"):
        with pytest.raises(DeniedError, match=r"^Permission denied"):
            [*logins.logout(mesh, accessor_id)]


def test_a_method_goes_with_its_rules_and_tokens(mesh: Mesh) -> None:
    mesh = after(mesh, logged_in(mesh))
    assert [*auth_methods.delete_method(mesh, "ci")] == [
        Change(Topic.TOKEN, ("a-1",), WEB_TOKEN, None),
        Change(Topic.BINDING_RULE, ("r-1",), RULE, None),
        Change(Topic.AUTH_METHOD, ("ci",), JWT, None),
    ]
    assert [*auth_methods.delete_method(mesh, "other")] == []


def test_an_expired_token_is_deleted_an_hour_later(mesh: Mesh) -> None:
    mesh = after(mesh, logged_in(mesh))
    due = NOW + timedelta(minutes=65)
    assert [*logins.prune_expired(mesh, now=due - timedelta(seconds=1))] == []
    assert [*logins.prune_expired(mesh, now=due)] == [
        Change(Topic.TOKEN, ("a-1",), WEB_TOKEN, None)
    ]


def test_an_equal_method_or_rule_is_no_change(mesh: Mesh) -> None:
    assert [*auth_methods.put_method(mesh, JWT)] == []
    assert [*auth_methods.update_rule(mesh, msgspec.structs.replace(RULE, auth_method=""))] == []


def jwt(**fields: object) -> AuthMethod:
    return AuthMethod(name="new", config=msgspec.convert(fields, JwtConfig))


def kubernetes(**fields: object) -> AuthMethod:
    return AuthMethod(name="new", config=KubernetesConfig(**fields))  # type: ignore[arg-type]


EXACTLY_ONE = "exactly one of JWTValidationPubKeys, JWKSURL and OIDCDiscoveryURL must be set"
KEYS = {"type": "jwt", "public_keys": ["PEM"]}


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (
            msgspec.structs.replace(JWT, name="a b"),
            '"a b" is no name for a auth method: it takes up to 128 letters, digits, - and _',
        ),
        (jwt(type="jwt"), EXACTLY_ONE),
        (jwt(**KEYS, jwks_url="https://a/"), EXACTLY_ONE),
        (jwt(type="jwt", jwks_url="http://a/"), 'JWKSURL "http://a/" must be https'),
        (jwt(type="jwt", discovery_url="a"), 'OIDCDiscoveryURL "a" is no URL'),
        (jwt(**KEYS, algorithms=["HS256"]), "JWTSupportedAlgs takes RS256, RS384, RS512, ES256"),
        (jwt(**KEYS, algorithms=["none"]), "JWTSupportedAlgs takes RS256, RS384, RS512, ES256"),
        (
            jwt(**KEYS, claim_mappings={"sub": "a", "name": "a"}),
            'two claims are mapped to the same name "a"',
        ),
        (
            jwt(**KEYS, list_claim_mappings={"groups": ""}),
            "a claim mapping needs the name of a claim and a name for it",
        ),
        (
            msgspec.structs.replace(JWT, max_token_ttl=timedelta(hours=25)),
            "MaxTokenTTL 25h0m0s cannot be more than 24h0m0s",
        ),
        (
            msgspec.structs.replace(JWT, max_token_ttl=timedelta(seconds=59)),
            "MaxTokenTTL 59s cannot be less than 1m0s",
        ),
        (kubernetes(host="", sealed_reviewer_jwt=b"s"), "Host is missing"),
        (kubernetes(host="https://k", sealed_reviewer_jwt=b""), "ServiceAccountJWT is missing"),
        (kubernetes(host="http://k", sealed_reviewer_jwt=b"s"), 'Host "http://k" must be https'),
        (
            msgspec.structs.replace(KUBERNETES, name="ci"),
            'the type of auth method "ci" cannot be changed',
        ),
    ],
)
def test_a_method_by_which_nobody_should_log_in_is_refused(
    mesh: Mesh, method: AuthMethod, sentence: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        [*auth_methods.put_method(mesh, method)]
    assert str(refusal.value).startswith(sentence)


def test_the_reviewers_token_stays_as_long_as_it_goes_to_the_same_server(mesh: Mesh) -> None:
    mesh = after(mesh, auth_methods.put_method(mesh, KUBERNETES))
    unsaid = KubernetesConfig(host="https://k8s", sealed_reviewer_jwt=b"")
    described = msgspec.structs.replace(KUBERNETES, description="new", config=unsaid)
    expected = msgspec.structs.replace(KUBERNETES, description="new")
    assert [*auth_methods.put_method(mesh, described)] == [
        Change(Topic.AUTH_METHOD, ("k8s",), KUBERNETES, expected)
    ]
    elsewhere = KubernetesConfig(host="https://else", sealed_reviewer_jwt=b"")
    with pytest.raises(InvalidError, match=r"^ServiceAccountJWT is missing"):
        [*auth_methods.put_method(mesh, msgspec.structs.replace(KUBERNETES, config=elsewhere))]


@pytest.mark.parametrize(
    ("rule", "kind", "sentence"),
    [
        (
            msgspec.structs.replace(RULE, auth_method="other"),
            NotFoundError,
            'cannot find auth method with name "other"',
        ),
        (
            msgspec.structs.replace(RULE, selector="value.service =="),
            InvalidError,
            "",
        ),
        (
            msgspec.structs.replace(RULE, bind_name="${value.team}"),
            InvalidError,
            '"${value.team}" needs value.team; known here are value.service',
        ),
    ],
)
def test_a_rule_that_could_never_bind_is_refused(
    mesh: Mesh, rule: BindingRule, kind: type[MeshError], sentence: str
) -> None:
    with pytest.raises(kind) as refusal:
        [*auth_methods.create_rule(mesh, rule)]
    assert str(refusal.value).startswith(sentence)


def test_a_rule_is_replaced_and_deleted_under_its_method(mesh: Mesh) -> None:
    after_it = msgspec.structs.replace(RULE, bind_name="web")
    assert [*auth_methods.update_rule(mesh, after_it)] == [
        Change(Topic.BINDING_RULE, ("r-1",), RULE, after_it)
    ]
    with pytest.raises(InvalidError, match="cannot be changed"):
        [*auth_methods.update_rule(mesh, msgspec.structs.replace(RULE, auth_method="k8s"))]
    with pytest.raises(NotFoundError, match="cannot find binding rule r-2"):
        [*auth_methods.update_rule(mesh, msgspec.structs.replace(RULE, id="r-2"))]
    assert [*auth_methods.delete_rule(mesh, "r-1")] == [
        Change(Topic.BINDING_RULE, ("r-1",), RULE, None)
    ]
    assert [*auth_methods.delete_rule(mesh, "r-2")] == []
