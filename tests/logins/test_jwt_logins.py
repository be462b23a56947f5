import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.consul_api.acl_server import ADMIN
from tests.logins.conftest import Server
from tests.logins.providers import (
    Asked,
    ec_key,
    jwk,
    private_pem,
    public_pem,
    rsa_key,
    serving,
    signed,
)

BOUND = {
    "BoundIssuer": "corp",
    "BoundAudiences": ["tulle", "consul"],
    "ClaimMappings": {"service": "service", "/team/name": "team"},
    "ListClaimMappings": {"groups": "groups"},
}


def claims(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 any JSON
    now = time.time()
    whole = {
        "iss": "corp",
        "aud": ["tulle"],
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "service": "web",
        "team": {"name": "shop"},
        "groups": ["dev", 7],
    }
    return {name: value for name, value in (whole | changed).items() if value is not None}


def put_method(server: Server, config: dict[str, Any], **more: object) -> None:
    body = {"Name": "ci", "Type": "jwt", "Config": config | BOUND, **more}
    server.put("/v1/acl/auth-method", body)
    rule = {
        "AuthMethod": "ci",
        "BindType": "service",
        "BindName": "${value.service}",
        "Selector": 'value.team == shop and "7" in list.groups',
    }
    server.put("/v1/acl/binding-rule", rule)


@pytest.fixture
def with_local_key(server: Server) -> Server:
    keys = [public_pem(rsa_key()), public_pem(ec_key())]
    put_method(server, {"JWTValidationPubKeys": keys}, MaxTokenTTL="5m")
    return server


def test_login_by_a_local_key_gives_exactly_what_is_bound(with_local_key: Server) -> None:
    server = with_local_key
    reply = server.log_in("ci", signed(claims(), ec_key()), Meta={"pod": "web-1"})
    token = reply.json()
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert {name: token[name] for name in ("ServiceIdentities", "AuthMethod", "Local")} == {
        "ServiceIdentities": [{"ServiceName": "web"}],
        "AuthMethod": "ci",
        "Local": True,
    }
    assert token["Description"] == 'token created via login: {"pod":"web-1"}'
    kept = server.context.store.mesh.acl.token(token["AccessorID"])
    assert kept is not None
    assert kept.expires_at == kept.created_at + timedelta(minutes=5)
    secret = token["SecretID"]
    questions = [
        {"Resource": "service", "Access": "write", "Segment": segment}
        for segment in ("web", "web-sidecar-proxy", "db")
    ]
    verdicts = server.ask("POST", "/v1/internal/acl/authorize", questions, secret=secret).json()
    assert [verdict["Allow"] for verdict in verdicts] == [True, True, False]
    assert server.ask("GET", "/v1/acl/tokens", secret=secret).status_code == 403
    own = server.ask("GET", "/v1/acl/token/self", secret=secret).json()
    assert own["AccessorID"] == token["AccessorID"]


def test_logout_revokes_only_what_a_login_made(with_local_key: Server) -> None:
    server = with_local_key
    secret = server.log_in("ci", signed(claims(), ec_key())).json()["SecretID"]
    assert server.ask("POST", "/v1/acl/logout", secret=secret).text == "true"
    again = server.ask("POST", "/v1/acl/logout", secret=secret)
    assert (again.status_code, again.text) == (403, "ACL not found")
    nobody = server.ask("POST", "/v1/acl/logout", secret="")
    assert (nobody.status_code, nobody.text) == (403, "ACL not found")
    refused = server.ask("POST", "/v1/acl/logout", secret=ADMIN)
    assert refused.status_code == 403
    assert refused.text.startswith("Permission denied")
    assert server.ask("GET", "/v1/acl/tokens").status_code == 200


def unsigned(content: dict[str, Any]) -> str:
    return jwt.encode(content, "", algorithm="none")


def signed_with_the_public_key(content: dict[str, Any]) -> str:
    """What a verifier takes who lets the token say that a public key is a shared secret."""
    parts = [{"alg": "HS256", "typ": "JWT"}, content]
    text = b".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
    digest = hmac.new(public_pem(rsa_key()).encode(), text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    ("bearer", "reason"),
    [
        (lambda: signed(claims(aud="other"), ec_key()), "the audience is 'other', none of tulle"),
        (lambda: signed(claims(aud=None), ec_key()), "the audience is None, none of tulle"),
        (lambda: signed(claims(iss="evil"), ec_key()), "the issuer is 'evil', not 'corp'"),
        (lambda: signed(claims(), ec_key(2)), "no key of the auth method has signed it"),
        (lambda: unsigned(claims()), "it is signed with 'none', which is not taken here"),
        (lambda: signed_with_the_public_key(claims()), "it is signed with 'HS256', which is not"),
        (lambda: signed(claims(exp=time.time() - 61), ec_key()), "it expired 61 s ago"),
        (
            lambda: signed(claims(nbf=time.time() + 90), ec_key()),
            "it is valid only from 90 s from now on",
        ),
        (
            lambda: signed(claims(iat=time.time() + 90), ec_key()),
            "it is issued only from 90 s from now on",
        ),
        (lambda: signed(claims(service="Web"), ec_key()), "a binding rule made no good name"),
        (lambda: signed(claims(groups=[]), ec_key()), "no binding rule matches these claims"),
        (lambda: "not.a.token", "it is no JSON web token"),
        (lambda: "", "there is no bearer token"),
        (lambda: "[" * 60_000 + ".a.b", "it is no JSON web token"),
    ],
)
def test_a_refused_login_says_why_in_the_log_alone(
    with_local_key: Server,
    caplog: pytest.LogCaptureFixture,
    bearer: Callable[[], str],
    reason: str,
) -> None:
    before = with_local_key.context.store.mesh.index
    token = bearer()
    with caplog.at_level(logging.DEBUG):
        reply = with_local_key.log_in("ci", token)
    assert (reply.status_code, reply.text) == (403, "Permission denied")
    assert f"login by auth method ci refused: {reason}" in caplog.text
    assert not token or token not in caplog.text
    assert with_local_key.context.store.mesh.index == before


def test_only_the_algorithms_that_are_named_are_taken(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [public_pem(rsa_key()), public_pem(ec_key())]
    put_method(server, {"JWTValidationPubKeys": keys, "JWTSupportedAlgs": ["RS256"]})
    assert server.log_in("ci", signed(claims(), rsa_key(), algorithm="RS256")).status_code == 200
    assert server.log_in("ci", signed(claims(), ec_key())).status_code == 403
    assert "it is signed with 'ES256', which is not taken here" in caplog.text


def test_login_by_a_jwks_url_reads_the_keys_once_until_there_is_a_new_one(server: Server) -> None:
    published = [jwk(ec_key(), "one")]

    def keys(_: Asked) -> tuple[int, object]:
        return 200, {"keys": [*published, {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}]}

    with serving({"/keys": keys}) as (url, asked):
        put_method(server, {"JWKSURL": f"{url}/keys"})
        for _ in range(3):
            assert server.log_in("ci", signed(claims(), ec_key(), key_id="one")).status_code == 200
        assert len(asked) == 1
        for number in range(3):  # made-up keys do not make it ask for each of them
            bearer = signed(claims(), ec_key(2), key_id=f"made-up-{number}")
            assert server.log_in("ci", bearer).status_code == 403
        assert len(asked) == 1
        shared = signed(claims(), ec_key(), key_id="shared")
        assert server.log_in("ci", shared).status_code == 403


def test_login_by_oidc_discovery(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    answers: Any = {"/keys": lambda _: (200, {"keys": [jwk(rsa_key(), "one")]})}
    with serving(answers) as (url, _):
        document = {"issuer": f"{url}/", "jwks_uri": f"{url}/keys"}
        answers["/.well-known/openid-configuration"] = lambda _: (200, document)
        config = {"OIDCDiscoveryURL": url} | BOUND | {"BoundIssuer": ""}
        server.put("/v1/acl/auth-method", {"Name": "oidc", "Type": "jwt", "Config": config})
        rule = {"AuthMethod": "oidc", "BindType": "node", "BindName": "n-${value.service}"}
        server.put("/v1/acl/binding-rule", rule)
        good = signed(claims(iss=f"{url}/"), rsa_key(), algorithm="RS256", key_id="one")
        token = server.log_in("oidc", good).json()
        assert token["NodeIdentities"] == [{"NodeName": "n-web", "Datacenter": "dc1"}]
        other = signed(claims(), rsa_key(), algorithm="RS256", key_id="one")
        assert server.log_in("oidc", other).status_code == 403
        assert f"the issuer is 'corp', not '{url}/'" in caplog.text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {}), "it answered with status 500"),
        ((302, {}), "it answered with status 302"),
        ((200, b"x" * 1_100_000), "it answered with more than 1048576 bytes"),
        ((200, b"no JSON"), "failed: JSON is malformed"),
        ((200, []), "is no JSON web key set: it has no list of keys"),
    ],
)
def test_keys_that_cannot_be_had_refuse_the_login(
    server: Server, caplog: pytest.LogCaptureFixture, answer: tuple[int, object], reason: str
) -> None:
    good = {"keys": [jwk(ec_key(), "one")]}
    with serving({"/other": lambda _: answer, "/keys": lambda _: (200, good)}) as (url, _):
        put_method(server, {"JWKSURL": f"{url}/other"})
        reply = server.log_in("ci", signed(claims(), ec_key(), key_id="one"))
    assert (reply.status_code, reply.text) == (403, "Permission denied")
    assert reason in caplog.text


def test_unknown_method_and_missing_body(server: Server) -> None:
    reply = server.log_in("other", "a.b.c")
    assert (reply.status_code, reply.text) == (
        403,
        'ACL not found: auth method "other" not found',
    )
    assert server.ask("POST", "/v1/acl/login", secret="").status_code == 400


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"JWTValidationPubKeys": ["PEM"]}, "key 1 of JWTValidationPubKeys is no public key"),
        ({"JWTValidationPubKeys": [private_pem(ec_key())]}, "key 1 of JWTValidationPubKeys is no"),
        ({"JWKSURL": "https://a/", "JWKSCACert": "PEM"}, "JWKSCACert is no certificate in PEM"),
        ({"JWKSURL": "https://a/", "BoundAudience": "x"}, "Invalid Auth Method: unknown field"),
        ({"JWKSURL": "https://a/", "BoundIssuer": 7}, "Invalid Auth Method: Config: Expected"),
        ({}, "exactly one of JWTValidationPubKeys, JWKSURL and OIDCDiscoveryURL must be set"),
    ],
)
def test_a_method_that_could_verify_nothing_is_refused(
    server: Server, config: dict[str, object], sentence: str
) -> None:
    body = {"Name": "new", "Type": "jwt", "Config": config}
    reply = server.ask("PUT", "/v1/acl/auth-method", body)
    assert reply.status_code == 400
    assert reply.text.startswith(sentence)


def test_methods_and_rules_are_shown_as_they_were_put(server: Server) -> None:
    config = {"JWTValidationPubKeys": [public_pem(ec_key())], "ClockSkewLeeway": "30s"} | BOUND
    method = {
        "Name": "ci",
        "Type": "jwt",
        "DisplayName": "CI",
        "Description": "of the builds",
        "MaxTokenTTL": "10m0s",
        "TokenLocality": "local",
        "Config": config
        | {"ExpirationLeeway": -1, "OIDCClientID": "", "VerboseOIDCLogging": False},
    }
    put = server.put("/v1/acl/auth-method", method)
    shown = method | {"Config": config | {"ExpirationLeeway": "-1s"}}
    shown |= {"CreateIndex": put["CreateIndex"], "ModifyIndex": put["CreateIndex"]}
    assert put == shown
    assert server.ask("GET", "/v1/acl/auth-method/ci").json() == shown
    listed = {name: value for name, value in shown.items() if name != "Config"}
    assert server.ask("GET", "/v1/acl/auth-methods").json() == [listed]
    assert server.put("/v1/acl/auth-method/ci", shown) == shown
    rule = {
        "Description": "each its own",
        "AuthMethod": "ci",
        "Selector": "value.team == shop",
        "BindType": "templated-policy",
        "BindName": "builtin/service",
        "BindVars": {"Name": "${value.service}"},
    }
    made = server.put("/v1/acl/binding-rule", rule)
    index = made["CreateIndex"]
    expected = rule | {"ID": made["ID"], "CreateIndex": index, "ModifyIndex": index}
    assert made == expected
    target = f"/v1/acl/binding-rule/{made['ID']}"
    assert server.ask("GET", target).json() == expected
    assert server.ask("GET", "/v1/acl/binding-rules?authmethod=ci").json() == [expected]
    assert server.ask("GET", "/v1/acl/binding-rules?authmethod=other").json() == []
    changed = server.put(target, expected | {"Selector": ""})
    assert changed["Selector"] == ""
    assert server.ask("DELETE", "/v1/acl/auth-method/ci").text == "true"
    assert server.ask("GET", target).status_code == 404
    assert server.ask("GET", "/v1/acl/auth-method/ci").status_code == 404


def test_a_rule_of_an_unknown_type_is_refused(with_local_key: Server) -> None:
    rule = {"AuthMethod": "ci", "BindType": "servic", "BindName": "web"}
    reply = with_local_key.ask("PUT", "/v1/acl/binding-rule", rule)
    assert (reply.status_code, reply.text) == (
        400,
        'Invalid Binding Rule: unknown BindType "servic": it is one of service, node, role, policy,'
        " templated-policy",
    )


def test_nothing_of_it_is_for_who_may_not_read_or_write_acls(with_local_key: Server) -> None:
    server = with_local_key
    secret = server.log_in("ci", signed(claims(), ec_key())).json()["SecretID"]
    for method, target in (
        ("GET", "/v1/acl/auth-methods"),
        ("GET", "/v1/acl/auth-method/ci"),
        ("PUT", "/v1/acl/auth-method"),
        ("PUT", "/v1/acl/auth-method/ci"),
        ("DELETE", "/v1/acl/auth-method/ci"),
        ("GET", "/v1/acl/binding-rules"),
        ("GET", "/v1/acl/binding-rule/x"),
        ("PUT", "/v1/acl/binding-rule"),
        ("PUT", "/v1/acl/binding-rule/x"),
        ("DELETE", "/v1/acl/binding-rule/x"),
    ):
        for who in ("", secret):
            assert server.ask(method, target, {}, secret=who).status_code == 403, (method, target)


def test_a_token_with_policies_and_roles(server: Server) -> None:
    rules = 'key_prefix "web/" { policy = "read" }'
    policy = server.put("/v1/acl/policy", {"Name": "web-keys", "Rules": rules})
    role = server.put(
        "/v1/acl/role", {"Name": "web", "ServiceIdentities": [{"ServiceName": "web"}]}
    )
    put_method(server, {"JWTValidationPubKeys": [public_pem(ec_key())]})
    for bind_type, name in (("policy", "${value.service}-keys"), ("role", "${value.service}")):
        rule = {"AuthMethod": "ci", "BindType": bind_type, "BindName": name}
        server.put("/v1/acl/binding-rule", rule)
    token = server.log_in("ci", signed(claims(), ec_key())).json()
    assert token["Policies"] == [{"ID": policy["ID"], "Name": "web-keys"}]
    assert token["Roles"] == [{"ID": role["ID"], "Name": "web"}]
    assert "ExpirationTime" not in token
