from datetime import UTC, datetime, timedelta

import pytest

from meshcore.acl.types import AuthMethod, KubernetesConfig, Token
from meshcore.actions.details import HIDDEN, details
from meshcore.actions.plan import Difference
from meshcore.config_entries.types import OtherEntry, ServiceDefaults
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.types import Change, Topic, Value
from meshcore.registry.types import Check, CheckDefinition, Instance, Proxy, Upstream

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_only_what_differs_is_told() -> None:
    before = Instance(node="node-1", id="web-1", service="web", port=80, tags=("v1",))
    after = Instance(node="node-1", id="web-1", service="web", port=81, tags=("v1", "canary"))
    assert details(Change(Topic.INSTANCE, before.key, before, after)) == (
        Difference("tags", ["v1"], ["v1", "canary"]),
        Difference("port", 80, 81),
    )


def test_entry_is_told_in_the_vocabulary_of_its_document() -> None:
    before, after = (
        ServiceIntentions(
            destination="db", intentions=(Intention(source="web", destination="db", action=action),)
        )
        for action in ("allow", "deny")
    )
    assert details(Change(Topic.INTENTIONS, ("db",), before, after)) == (
        Difference("Sources[web].Action", "allow", "deny"),
    )
    created = ServiceDefaults(name="web", protocol="http")
    assert details(Change(Topic.CONFIG_ENTRY, ("service-defaults", "web"), None, created)) == (
        Difference("Protocol", None, "http"),
    )


def test_lists_are_told_apart_down_to_single_fields() -> None:
    before, after = (
        Instance(
            node="node-1",
            id="web-1",
            service="web",
            proxy=Proxy(upstreams=(Upstream(destination_name="db", local_bind_port=port),)),
        )
        for port in (5000, 5001)
    )
    assert details(Change(Topic.INSTANCE, before.key, before, after)) == (
        Difference("proxy.upstreams[0].local_bind_port", 5000, 5001),
    )


def check(**headers: str) -> Check:
    given: dict[str, tuple[str, ...]] = {name: (value,) for name, value in headers.items()}
    return Check(node="node-1", id="http", name="", definition=CheckDefinition(header=given))


def token(secret: str) -> Token:
    return Token(
        accessor_id="ops", secret_hash=secret, sealed_secret=secret.encode(), created_at=NOON
    )


def method(secret: str) -> AuthMethod:
    config = KubernetesConfig(host="https://k8s", sealed_reviewer_jwt=secret.encode())
    return AuthMethod(name="k8s", config=config)


def certificate(secret: str) -> OtherEntry:
    return OtherEntry(entry_kind="inline-certificate", name="web", body={"PrivateKey": secret})


def provider(secret: str) -> OtherEntry:
    keys = [{"Local": {"JWKS": secret}}, "mixed"]
    return OtherEntry(entry_kind="jwt-provider", name="okta", body={"JSONWebKeySet": keys})


@pytest.mark.parametrize(
    ("before", "after", "hidden"),
    [
        (token("one"), token("two"), ["secret_hash", "sealed_secret"]),
        (method("one"), method("two"), ["config.sealed_reviewer_jwt"]),
        (certificate("one"), certificate("two"), ["PrivateKey"]),
        (check(Cookie="one"), check(Cookie="two"), ["definition.header.Cookie"]),
    ],
    ids=["token", "auth method", "private key", "header of a check"],
)
def test_secrets_are_told_to_differ_and_not_shown(
    before: Value, after: Value, hidden: list[str]
) -> None:
    told = details(Change(Topic.TOKEN, ("key",), before, after))
    assert [each for each in told if each.path in hidden] == [
        Difference(path, HIDDEN, HIDDEN) for path in hidden
    ]
    assert "one" not in str(told)
    assert "two" not in str(told)


def test_secrets_inside_of_a_list_are_hidden_too() -> None:
    told = details(Change(Topic.CONFIG_ENTRY, ("jwt-provider", "okta"), None, provider("one")))
    assert told == (Difference("JSONWebKeySet", None, [{"Local": {"JWKS": HIDDEN}}, "mixed"]),)


def test_service_may_be_called_like_a_secret() -> None:
    intention = Intention(source="secrets", destination="db", action="allow")
    entry = ServiceIntentions(destination="db", intentions=(intention,))
    assert details(Change(Topic.INTENTIONS, ("db",), None, entry)) == (
        Difference("Sources[secrets].Action", None, "allow"),
    )


def test_times_are_readable_and_what_is_empty_is_left_out() -> None:
    expiring = Token(
        accessor_id="ops",
        secret_hash="",
        sealed_secret=b"",
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )
    assert details(Change(Topic.TOKEN, ("ops",), None, expiring)) == (
        Difference("accessor_id", None, "ops"),
        Difference("sealed_secret", None, HIDDEN),
        Difference("created_at", None, "2026-01-01T12:00:00+00:00"),
        Difference("expires_at", None, "2026-01-01T13:00:00+00:00"),
        Difference("is_local", before=None, after=False),
    )
