from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from meshcore.acl.authorizers import Authorizers
from meshcore.acl.denial import require
from meshcore.acl.links import require_links
from meshcore.acl.resolution import Grants, UnknownTokenError, grants, hashed, holder
from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.types import (
    ANONYMOUS_TOKEN,
    GLOBAL_MANAGEMENT,
    GLOBAL_READ_ONLY,
    NodeIdentity,
    Policy,
    Role,
    ServiceIdentity,
    TemplatedPolicyLink,
    Token,
)
from meshcore.acl.view import Acl
from meshcore.lib.errors import DeniedError, NotFoundError
from meshcore.lib.records import Record

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = b"k" * 32
WRITE_WEB = Policy(id="p-web", name="web", rules='service "web" { policy = "write" }')
READ_DB = Policy(
    id="p-db", name="db", rules='service "db" { policy = "read" }', datacenters=("dc2",)
)
WEB_ROLE = Role(
    id="r-web",
    name="web",
    policies=("p-web",),
    service_identities=(ServiceIdentity(service="api"),),
)


def token(secret: str = "secret", **links: object) -> Token:
    plain = Token(
        accessor_id="t-web", secret_hash=hashed(secret, key=KEY), sealed_secret=b"", created_at=NOW
    )
    return msgspec.structs.replace(plain, **links)


def acl(*tokens: Token) -> Acl:
    view = Acl()
    for policy in (WRITE_WEB, READ_DB):
        view = view.with_policy(policy.id, Record(policy, 5, 7))
    view = view.with_role(WEB_ROLE.id, Record(WEB_ROLE, 5, 5))
    for each in tokens:
        view = view.with_token(each.accessor_id, Record(each, 6, 6))
    return view


def test_a_secret_leads_to_its_token() -> None:
    view = acl(token())
    assert holder(view, hashed("secret", key=KEY), now=NOW) == token()


@pytest.mark.parametrize(
    ("secret", "now", "sentence"),
    [
        ("other", NOW, "ACL not found"),
        (
            "secret",
            NOW + timedelta(hours=1),
            "ACL not found: this token expired at 2026-03-01T01:00:00Z",
        ),
    ],
)
def test_who_holds_no_token_that_is_good_is_told_so(
    secret: str, now: datetime, sentence: str
) -> None:
    view = acl(token(expires_at=NOW + timedelta(hours=1)))
    with pytest.raises(UnknownTokenError) as refusal:
        holder(view, hashed(secret, key=KEY), now=now)
    assert str(refusal.value) == sentence


def test_a_token_has_what_it_and_its_roles_are_linked_to_here() -> None:
    given = token(
        policies=("p-web", "p-db", "gone"),
        roles=("r-web", "gone"),
        node_identities=(
            NodeIdentity(node="node-1", datacenter="dc1"),
            NodeIdentity(node="node-2", datacenter="dc2"),
        ),
        templated_policies=(TemplatedPolicyLink(template="builtin/dns"),),
    )
    assert grants(given, acl(given), datacenter="dc1") == Grants(
        policies=frozenset({("p-web", 7)}),
        services=frozenset({"api"}),
        nodes=frozenset({"node-1"}),
        templates=frozenset({("builtin/dns", "")}),
    )
    assert ("p-db", 7) in grants(given, acl(given), datacenter="dc2").policies


def test_an_authorizer_is_compiled_again_only_when_its_rules_change() -> None:
    authorizers = Authorizers(default_allow=False, datacenter="dc1")
    given = token(policies=("p-web",))
    view = acl(given)
    before = authorizers.of(given, view)
    assert before.allows(RuleKind.SERVICE, Access.WRITE, "web")

    elsewhere = view.with_policy("p-db", Record(READ_DB, 5, 9))
    assert authorizers.of(given, elsewhere) is before

    denied = msgspec.structs.replace(WRITE_WEB, rules='service "web" { policy = "deny" }')
    changed = elsewhere.with_policy("p-web", Record(denied, 5, 10))
    assert not authorizers.of(given, changed).allows(RuleKind.SERVICE, Access.READ, "web")


def test_management_may_do_everything_and_read_only_just_read() -> None:
    authorizers = Authorizers(default_allow=False, datacenter="dc1")
    writer, reader = token(policies=(GLOBAL_MANAGEMENT,)), token(policies=(GLOBAL_READ_ONLY,))
    for each, may_write in ((writer, True), (reader, False)):
        authorizer = authorizers.of(each, acl(each))
        assert all(authorizer.allows(kind, Access.READ, "web") for kind in RuleKind)
        assert {authorizer.allows(kind, Access.WRITE, "web") for kind in RuleKind} == {may_write}


def test_links_that_lead_nowhere_are_all_named() -> None:
    given = token(policies=("p-web", "p-1"), roles=("r-1",))
    with pytest.raises(NotFoundError) as refusal:
        require_links(given, acl())
    assert str(refusal.value) == "there is no policy with id p-1, and no role with id r-1"
    require_links(WEB_ROLE, acl())


@pytest.mark.parametrize(
    ("accessor_id", "kind", "sentence"),
    [
        (
            "t-web",
            RuleKind.SERVICE,
            "Permission denied: token with AccessorID 't-web' lacks permission 'service:write'"
            ' on "web"',
        ),
        (
            ANONYMOUS_TOKEN,
            RuleKind.ACL,
            "Permission denied: anonymous token lacks permission 'acl:write'. The anonymous token"
            " is used implicitly when a request does not specify a token.",
        ),
    ],
)
def test_a_refusal_names_the_token_and_what_it_lacks(
    accessor_id: str, kind: RuleKind, sentence: str
) -> None:
    nobody = Authorizers(default_allow=False, datacenter="dc1").of(token(), acl())
    with pytest.raises(DeniedError) as refusal:
        require(nobody, kind, Access.WRITE, "web", accessor_id=accessor_id)
    assert str(refusal.value) == sentence


def test_a_token_shows_no_secret() -> None:
    given = token(sealed_secret=b"sealed", description="for web")
    assert repr(given) == "Token(t-web, 'for web')"
