"""From an auth method to a token in a file and its end, against a real server."""

import json
import stat
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle
from tests.logins.providers import ec_key, public_pem, signed

ID = "11111111-2222-4333-8444-555555555555"
CLAIMS = {"iss": "corp", "aud": ["tulle"], "service": "web"}


def bearer(**claims: object) -> str:
    return signed(CLAIMS | {"exp": time.time() + 60} | claims, ec_key())


@pytest.fixture
def ci(tulle: Tulle, tmp_path: Path) -> Tulle:
    """Commands for a server where a JWT of a service logs in as that service."""
    config = {
        "JWTValidationPubKeys": [public_pem(ec_key())],
        "BoundIssuer": "corp",
        "BoundAudiences": ["tulle"],
        "ClaimMappings": {"service": "service"},
    }
    (tmp_path / "ci.json").write_text(json.dumps(config))
    method = ("--name", "ci", "--type", "jwt", "--config", "ci.json", "--max-token-ttl", "5m")
    assert tulle("acl", "auth-method", "create", *method).code == 0
    rule = ("--method", "ci", "--bind-name", "${value.service}", "--selector", "value.service!=db")
    assert tulle("acl", "binding-rule", "create", *rule).code == 0
    (tmp_path / "jwt").write_text(bearer())
    return tulle


LOGIN = ("login", "--method", "ci", "--bearer-token-file", "jwt")


def test_a_login_puts_its_token_into_a_file_that_gets_in_until_the_logout(
    ci: Tulle, tmp_path: Path
) -> None:
    printed = ci(*LOGIN, "--token-sink-file", "sink", "--meta", "pod=web-1")
    secret = (tmp_path / "sink").read_text()
    assert printed.out.startswith("Logged in: token ")
    assert printed.out.endswith(", its secret is in sink\n")
    assert secret not in printed.out
    assert stat.S_IMODE((tmp_path / "sink").stat().st_mode) == 0o600
    own = ci("acl", "token", "read", "--self", "--token-file", "sink")
    assert own.out.endswith("Service Identities:\n   web\n")
    assert 'token created via login: {"pod":"web-1"}' in own.out
    assert ci("logout", "--token-file", "sink") == ("Logged out: the token is revoked\n", "", 0)
    over = ci("acl", "token", "read", "--self", "--token-file", "sink")
    assert over.err.startswith("Error: ACL not found")


def test_a_login_can_print_its_token_alone(ci: Tulle) -> None:
    printed = ci(*LOGIN, "--print")
    shown = json.loads(ci("acl", "token", "list", "--json").out)
    (token,) = (each for each in shown if each.get("AuthMethod") == "ci")
    read = ci("acl", "token", "read", "--accessor-id", token["AccessorID"], "--json")
    assert printed == (f"{json.loads(read.out)['SecretID']}\n", "", 0)


@pytest.mark.parametrize(
    "claims", [{"aud": ["other"]}, {"iss": "evil"}, {"service": "db"}, {"exp": time.time() - 90}]
)
def test_a_refused_login_leaves_no_file_and_says_no_reason(
    ci: Tulle, tmp_path: Path, claims: dict[str, object]
) -> None:
    (tmp_path / "jwt").write_text(bearer(**claims))
    refused = ci(*LOGIN, "--token-sink-file", "sink")
    assert refused == ("", "Error: Permission denied\n", 1)
    assert not (tmp_path / "sink").exists()


def test_nobody_logs_out_who_has_not_logged_in(ci: Tulle) -> None:
    refused = ci("logout")
    assert (refused.out, refused.code) == ("", 1)
    assert "Permission denied" in refused.err
    assert ci("acl", "token", "list").code == 0


def test_an_auth_method_is_shown_changed_and_deleted_with_its_tokens(ci: Tulle) -> None:
    ci(*LOGIN, "--token-sink-file", "sink")
    update = ("acl", "auth-method", "update", "--name", "ci", "--description", "builds")
    changed = ci(*update)
    assert "Description:" in changed.out
    assert '"BoundIssuer": "corp"' in changed.out
    assert changed.out == ci("acl", "auth-method", "read", "--name", "ci").out
    assert "ci    jwt" in ci("acl", "auth-method", "list").out
    assert ci("acl", "auth-method", "delete", "--name", "ci").out == "Deleted auth method: ci\n"
    assert ci("acl", "auth-method", "list").err.startswith("No auth methods:")
    assert ci("acl", "binding-rule", "list").err.startswith("No binding rules")
    gone = ci("acl", "token", "read", "--self", "--token-file", "sink")
    assert gone.err.startswith("Error: ACL not found")


def test_a_method_whose_configuration_cannot_work_is_refused(tulle: Tulle) -> None:
    words = ("--name", "ci", "--type", "jwt", "--config", '{"BoundIssuer": "corp"}')
    refused = tulle("acl", "auth-method", "create", *words)
    assert (refused.out, refused.code) == ("", 2)
    assert "JWTValidationPubKeys" in refused.err


def test_a_kubernetes_method_never_shows_its_reviewer(tulle: Tulle, tmp_path: Path) -> None:
    config = {"Host": "http://127.0.0.1:1", "ServiceAccountJWT": bearer()}
    (tmp_path / "k8s.json").write_text(json.dumps(config))
    words = ("--name", "k8s", "--type", "kubernetes", "--config", "k8s.json")
    made = tulle("acl", "auth-method", "create", *words)
    assert made.code == 0, made.err
    read = tulle("acl", "auth-method", "read", "--name", "k8s", "--json")
    assert config["ServiceAccountJWT"] not in made.out + read.out


def test_a_binding_rule_is_shown_changed_and_deleted(ci: Tulle) -> None:
    (rule,) = json.loads(ci("acl", "binding-rule", "list", "--json").out)
    assert "service ${value.service}" in ci("acl", "binding-rule", "list", "--method", "ci").out
    one = ("--id", rule["ID"][:10])
    update = ("acl", "binding-rule", "update", *one, "--selector", "", "--bind-name", "all")
    changed = ci(*update)
    assert changed.out == ci("acl", "binding-rule", "read", *one).out
    assert "all" in changed.out
    templated = ("--bind-type", "templated-policy", "--bind-name", "builtin/service")
    words = ("--method", "ci", *templated, "--bind-vars", "name=${value.service}")
    assert "${value.service}" in ci("acl", "binding-rule", "create", *words).out
    deleted = ci("acl", "binding-rule", "delete", *one)
    assert deleted.out == f"Deleted binding rule: {rule['ID']}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--method", "ci", "--bind-name", "web", "--bind-type", "group"), "group"),
        (("--method", "ci", "--bind-name", "${value.none}"), "value.none"),
        (("--method", "ci", "--bind-name", "web", "--selector", "value.service =="), "selector"),
    ],
)
def test_a_binding_rule_that_cannot_work_says_why(
    ci: Tulle, words: tuple[str, ...], told: str
) -> None:
    refused = ci("acl", "binding-rule", "create", *words)
    assert (refused.out, refused.code) == ("", 2)
    assert told in refused.err.lower()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (f"token read --accessor-id {ID}", f"no token has the ID {ID}"),
        (f"policy read --id {ID}", f"no policy has the ID {ID}"),
        ("policy delete --name none", 'no policy is called "none"'),
        (f"role update --id {ID} --description x", f"no role has the ID {ID}"),
        ("auth-method read --name none", 'no auth method is called "none"'),
        ("auth-method delete --name none", 'no auth method is called "none"'),
        (f"binding-rule read --id {ID}", f"no binding rule has the ID {ID}"),
        (f"binding-rule delete --id {ID}", f"no binding rule has the ID {ID}"),
        (
            "binding-rule create --method none --bind-name web",
            'cannot find auth method with name "none"',
        ),
    ],
)
def test_what_is_not_there_is_named(tulle: Tulle, words: str, told: str) -> None:
    assert tulle("acl", *words.split()) == ("", f"Error: {told}\n", 1)
