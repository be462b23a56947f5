import logging
from typing import Any

import pytest

from tests.logins.conftest import Server
from tests.logins.providers import Answers, Asked, serving

REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/web"
REVIEWER = "reviewer-jwt"
POD = "pod-jwt"


def review(asked: Asked) -> tuple[int, object]:
    if asked.authorization != f"Bearer {REVIEWER}":
        return 401, {}
    users: dict[str, Any] = {
        POD: {"username": "system:serviceaccount:default:web", "uid": "u-1"},
        "human-jwt": {"username": "alice"},
    }
    user = users.get(asked.body["spec"]["token"])
    status = {"authenticated": True, "user": user} if user else {"error": "token has expired"}
    return 201, {"kind": "TokenReview", "status": status}


def put_method(server: Server, host: str, **config: str) -> Any:  # noqa: ANN401 any JSON
    shown = server.put(
        "/v1/acl/auth-method",
        {
            "Name": "k8s",
            "Type": "kubernetes",
            "Config": {"Host": host, "ServiceAccountJWT": REVIEWER} | config,
        },
    )
    server.put(
        "/v1/acl/binding-rule",
        {
            "AuthMethod": "k8s",
            "BindType": "service",
            "BindName": "${serviceaccount.name}",
            "Selector": "serviceaccount.namespace == default and serviceaccount.uid != x",
        },
    )
    return shown


@pytest.mark.parametrize(
    ("annotations", "service"),
    [({}, "web"), ({"consul.hashicorp.com/service-name": "shop"}, "shop")],
)
def test_login_by_a_service_account(
    server: Server, annotations: dict[str, str], service: str
) -> None:
    answers: Answers = {
        REVIEWS: review,
        ACCOUNT: lambda _: (200, {"metadata": {"annotations": annotations}}),
    }
    with serving(answers) as (url, asked):
        put_method(server, url)
        token = server.log_in("k8s", POD).json()
    assert token["ServiceIdentities"] == [{"ServiceName": service}]
    assert asked == [
        Asked(
            REVIEWS,
            f"Bearer {REVIEWER}",
            {
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenReview",
                "spec": {"token": POD},
            },
        ),
        Asked(ACCOUNT, f"Bearer {REVIEWER}", None),
    ]


def test_a_reviewer_that_may_not_read_accounts_is_enough(server: Server) -> None:
    with serving({REVIEWS: review}) as (url, _):
        put_method(server, url)
        token = server.log_in("k8s", POD).json()
    assert token["ServiceIdentities"] == [{"ServiceName": "web"}]


@pytest.mark.parametrize(
    ("bearer", "reviewer", "reason"),
    [
        ("other-jwt", REVIEWER, "Kubernetes does not know the token: 'token has expired'"),
        ("human-jwt", REVIEWER, "'alice' is no service account"),
        (POD, "wrong-reviewer", f"{REVIEWS} failed: it answered with status 401"),
    ],
)
def test_who_kubernetes_does_not_know_is_refused(
    server: Server, caplog: pytest.LogCaptureFixture, bearer: str, reviewer: str, reason: str
) -> None:
    with serving({REVIEWS: review}) as (url, _), caplog.at_level(logging.DEBUG):
        put_method(server, url, ServiceAccountJWT=reviewer)
        reply = server.log_in("k8s", bearer)
    assert (reply.status_code, reply.text) == (403, "Permission denied")
    assert reason in caplog.text
    assert bearer not in caplog.text
    assert reviewer not in caplog.text


def test_the_reviewers_token_is_kept_and_never_shown(server: Server) -> None:
    with serving({REVIEWS: review}) as (url, _):
        shown = put_method(server, url)
        assert shown["Config"] == {"Host": url}
        assert server.put("/v1/acl/auth-method/k8s", shown) == shown
        assert server.log_in("k8s", POD).status_code == 200
    text = repr(server.context.store.mesh.acl.auth_methods)
    assert REVIEWER not in text
