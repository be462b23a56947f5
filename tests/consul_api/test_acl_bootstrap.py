from pathlib import Path

import pytest
from msgspec.structs import replace

from meshcore.acl.types import GLOBAL_MANAGEMENT
from meshcore.consul_api import app
from tests.consul_api.acl_server import ADMIN, ask, bootstrapped, with_acls
from tests.consul_api.calling import Consul

QUESTIONS = "/v1/internal/acl/authorize"


@pytest.fixture
def acls(consul: Consul) -> Consul:
    return bootstrapped(consul)


def test_bootstrap_answers_with_the_first_management_token(consul: Consul) -> None:
    acls = Consul(consul.runner, app.create(with_acls(consul.context)))
    reply = acls.put("/v1/acl/bootstrap")
    token = reply.json
    assert token["ID"] == token["SecretID"]
    assert token["Policies"] == [{"ID": GLOBAL_MANAGEMENT, "Name": "global-management"}]
    assert token["Description"] == "Bootstrap Token (Global Management)"
    assert reply.headers["cache-control"] == "no-store"
    own = ask(acls, "GET", "/v1/acl/token/self", secret=token["ID"]).json
    assert own == {k: v for k, v in token.items() if k != "ID"}


def test_bootstrap_is_done_again_with_the_index_in_the_reset_file(
    consul: Consul, tmp_path: Path
) -> None:
    file = tmp_path / "acl-bootstrap-reset"
    kept: list[str] = []
    context = replace(
        with_acls(consul.context), bootstrap_reset_file=file, keep_bootstrap_secret=kept.append
    )
    acls = Consul(consul.runner, app.create(context))
    first = acls.put("/v1/acl/bootstrap").json["ID"]
    closed = acls.ask("PUT", "/v1/acl/bootstrap", headers={"x-consul-token": "stale"})
    assert (closed.status, closed.text) == (
        403,
        "Permission denied: ACL bootstrap no longer allowed (reset index: 2)",
    )
    file.write_text("nonsense")
    assert acls.ask("PUT", "/v1/acl/bootstrap").text == closed.text
    file.write_text("2\n")
    secret = acls.put("/v1/acl/bootstrap").json["ID"]
    assert ask(acls, "GET", "/v1/acl/token/self", secret=secret).status == 200
    assert not file.exists()
    assert kept == [first, secret]
    assert acls.ask("PUT", "/v1/acl/bootstrap").status == 403


def test_a_first_token_that_cannot_be_kept_is_answered_all_the_same(consul: Consul) -> None:
    def keep(_secret: str) -> None:
        raise OSError(28, "No space left on device")

    context = replace(with_acls(consul.context), keep_bootstrap_secret=keep)
    acls = Consul(consul.runner, app.create(context))
    secret = acls.put("/v1/acl/bootstrap").json["ID"]
    assert ask(acls, "GET", "/v1/acl/token/self", secret=secret).status == 200


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/v1/acl/bootstrap"),
        ("GET", "/v1/acl/replication"),
        ("GET", "/v1/acl/tokens"),
        ("GET", "/v1/acl/token/self"),
        ("GET", "/v1/acl/policies"),
        ("PUT", "/v1/acl/role"),
        ("GET", "/v1/acl/templated-policies"),
        ("POST", QUESTIONS),
    ],
)
def test_nothing_is_answered_while_acls_are_off(consul: Consul, method: str, target: str) -> None:
    reply = consul.ask(method, target)
    assert (reply.status, reply.text) == (401, "ACL support disabled")


@pytest.mark.parametrize(
    ("method", "target", "access"),
    [
        ("GET", "/v1/acl/tokens", "read"),
        ("GET", "/v1/acl/token/x", "read"),
        ("PUT", "/v1/acl/token", "write"),
        ("PUT", "/v1/acl/token/x", "write"),
        ("PUT", "/v1/acl/token/x/clone", "write"),
        ("DELETE", "/v1/acl/token/x", "write"),
        ("GET", "/v1/acl/policies", "read"),
        ("GET", "/v1/acl/policy/x", "read"),
        ("GET", "/v1/acl/policy/name/x", "read"),
        ("PUT", "/v1/acl/policy", "write"),
        ("PUT", "/v1/acl/policy/x", "write"),
        ("DELETE", "/v1/acl/policy/x", "write"),
        ("GET", "/v1/acl/roles", "read"),
        ("GET", "/v1/acl/role/x", "read"),
        ("GET", "/v1/acl/role/name/x", "read"),
        ("PUT", "/v1/acl/role", "write"),
        ("PUT", "/v1/acl/role/x", "write"),
        ("DELETE", "/v1/acl/role/x", "write"),
        ("GET", "/v1/acl/templated-policies", "read"),
        ("GET", "/v1/acl/templated-policy/name/builtin/dns", "read"),
        ("POST", "/v1/acl/templated-policy/preview/builtin/dns", "read"),
    ],
)
def test_without_a_token_every_endpoint_says_what_is_lacking(
    acls: Consul, method: str, target: str, access: str
) -> None:
    reply = acls.ask(method, target)
    assert (reply.status, reply.text) == (
        403,
        f"Permission denied: anonymous token lacks permission 'acl:{access}'. The anonymous token"
        " is used implicitly when a request does not specify a token.",
    )


def test_replication_needs_no_token(acls: Consul) -> None:
    assert acls.get("/v1/acl/replication").json["Enabled"] is False


def test_callers_are_told_what_they_may_do(acls: Consul) -> None:
    token = {"ServiceIdentities": [{"ServiceName": "web"}]}
    secret = ask(acls, "PUT", "/v1/acl/token", token, secret=ADMIN).json["SecretID"]
    questions = [
        {"Resource": "service", "Access": "write", "Segment": "web"},
        {"Resource": "service", "Access": "write", "Segment": "api"},
        {"Resource": "key", "Access": "write-prefix", "Segment": "a/"},
        {"Resource": "acl", "Access": "read"},
    ]
    verdicts = ask(acls, "POST", QUESTIONS, questions, secret=secret).json
    allowed = (True, False, False, False)
    expected = zip(questions, allowed, strict=True)
    assert verdicts == [question | {"Allow": verdict} for question, verdict in expected]


@pytest.mark.parametrize(
    ("questions", "text"),
    [
        (
            [{"Resource": "acl", "Access": "read"}] * 65,
            "Refusing to process more than 64 authorizations at once",
        ),
        ([{"Resource": "cat", "Access": "read"}], 'Invalid ACL resource requested: "cat"'),
        (
            [{"Resource": "acl", "Access": "list"}],
            'Invalid access level for acl resource: "list"',
        ),
    ],
)
def test_questions_that_have_no_answer_are_refused(
    acls: Consul, questions: object, text: str
) -> None:
    reply = ask(acls, "POST", QUESTIONS, questions, secret=ADMIN)
    assert (reply.status, reply.text) == (400, text)
