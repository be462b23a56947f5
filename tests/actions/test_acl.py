from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from meshcore.acl.types import (
    ANONYMOUS_TOKEN,
    GLOBAL_MANAGEMENT,
    Bootstrap,
    NodeIdentity,
    Policy,
    Role,
    ServiceIdentity,
    TemplatedPolicyLink,
    Token,
)
from meshcore.actions import acl, acl_grants
from meshcore.lib.errors import DeniedError, InvalidError, MeshError, NotFoundError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)
TEN = datetime(2026, 1, 1, 10, tzinfo=UTC)


def uuid(number: int) -> str:
    return f"{number:08d}-1111-4111-8111-111111111111"


ADMIN, WEB, READER, GUEST = uuid(1), uuid(2), uuid(3), uuid(4)
READ, READERS = uuid(11), uuid(12)
READ_POLICY = Policy(id=READ, name="read", rules='service_prefix "" { policy = "read" }')
READERS_ROLE = Role(id=READERS, name="readers", policies=(READ,))


def token(accessor_id: str, **fields: object) -> Token:
    made = Token(
        accessor_id=accessor_id,
        secret_hash=f"hash of {accessor_id}",
        sealed_secret=f"sealed {accessor_id}".encode(),
        created_at=NINE,
    )
    return replace(made, **fields)


WEB_TOKEN = token(WEB, policies=(READ,), roles=(READERS,), description="web's")
ADMIN_TOKEN = token(
    ADMIN, description="Bootstrap Token (Global Management)", policies=(GLOBAL_MANAGEMENT,)
)


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, changes, index=mesh.index + 1)


@pytest.fixture
def mesh() -> Mesh:
    """Bootstrapped at index 5, with a policy, a role that has it, and a token that has both."""
    mesh = after(Mesh(index=4), acl.bootstrap(Mesh(index=4), token(ADMIN)))
    mesh = after(mesh, acl_grants.create_policy(mesh, READ_POLICY))
    mesh = after(mesh, acl_grants.create_role(mesh, READERS_ROLE))
    return after(mesh, acl.create_token(mesh, WEB_TOKEN))


def test_the_anonymous_token_is_made_once() -> None:
    made = Token(
        accessor_id=ANONYMOUS_TOKEN,
        secret_hash="hash",
        sealed_secret=b"sealed",
        created_at=NINE,
        description="Anonymous Token",
    )
    changes = list(acl.set_up(Mesh(), secret_hash="hash", sealed_secret=b"sealed", now=NINE))
    assert changes == [Change(Topic.TOKEN, (ANONYMOUS_TOKEN,), None, made)]
    mesh = after(Mesh(), changes)
    assert list(acl.set_up(mesh, secret_hash="other", sealed_secret=b"", now=TEN)) == []


def test_bootstrap_makes_the_first_management_token_and_says_that_it_did() -> None:
    assert list(acl.bootstrap(Mesh(), token(ADMIN))) == [
        Change(Topic.TOKEN, (ADMIN,), None, ADMIN_TOKEN),
        Change(Topic.BOOTSTRAP, (), None, Bootstrap(accessor_id=ADMIN)),
    ]


@pytest.mark.parametrize(
    ("reset_index", "text"),
    [
        (None, "Permission denied: ACL bootstrap no longer allowed (reset index: 5)"),
        (
            4,
            "Permission denied: Invalid bootstrap reset index (specified 4, reset index: 5)",
        ),
    ],
)
def test_bootstrap_is_done_once(mesh: Mesh, reset_index: int | None, text: str) -> None:
    with pytest.raises(DeniedError) as refusal:
        list(acl.bootstrap(mesh, token(GUEST), reset_index))
    assert str(refusal.value) == text


def test_bootstrap_is_done_again_by_who_names_the_reset_index(mesh: Mesh) -> None:
    mesh = after(mesh, acl.bootstrap(mesh, token(GUEST), 5))
    assert mesh.acl.bootstrap is not None
    assert (mesh.acl.bootstrap.value, mesh.acl.bootstrap.modify_index) == (
        Bootstrap(accessor_id=GUEST),
        9,
    )
    assert {each.accessor_id for each in mesh.acl.management_tokens()} == {ADMIN, GUEST}
    with pytest.raises(DeniedError):
        list(acl.bootstrap(mesh, token(READER), 5))


def test_a_token_is_linked_by_name_or_id_and_to_each_thing_once(mesh: Mesh) -> None:
    identity = ServiceIdentity(service="web")
    asked = token(
        GUEST,
        policies=("read", READ, "global-management"),
        roles=(READERS, "readers"),
        service_identities=(identity, identity),
    )
    kept = replace(
        asked,
        policies=(READ, GLOBAL_MANAGEMENT),
        roles=(READERS,),
        service_identities=(identity,),
    )
    assert list(acl.create_token(mesh, asked)) == [Change(Topic.TOKEN, (GUEST,), None, kept)]


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (token("web"), "Invalid Token: AccessorID is not a valid UUID"),
        (token(WEB, secret_hash="new"), "Invalid Token: AccessorID is already in use"),
        (
            token(GUEST, secret_hash=f"hash of {WEB}"),
            "Invalid Token: SecretID is already in use",
        ),
        (
            token("00000000-0000-0000-0000-000000000009"),
            f'Invalid Token: UUIDs with the prefix "{acl.RESERVED}" are reserved',
        ),
        (
            token(GUEST, policies=("read", "write", uuid(9)), roles=("writers",)),
            'No such ACL policy with name "write"; '
            f'No such ACL policy with ID "{uuid(9)}"; No such ACL role with name "writers"',
        ),
        (
            token(GUEST, service_identities=(ServiceIdentity(service="Web"),)),
            '"Web" is no name for a service identity: it takes up to 256 lower-case letters,'
            " digits, - and _, the first and last no - or _",
        ),
        (
            token(
                GUEST,
                is_local=True,
                service_identities=(ServiceIdentity(service="web", datacenters=("dc1",)),),
            ),
            'Service identity "web" cannot specify a list of datacenters on a local token',
        ),
        (
            token(GUEST, node_identities=(NodeIdentity(node="node-1", datacenter=""),)),
            'Node identity "node-1" is missing the datacenter field',
        ),
        (
            token(GUEST, templated_policies=(TemplatedPolicyLink(template="builtin/servce"),)),
            'no templated policy "builtin/servce"; did you mean builtin/service?',
        ),
        (
            token(GUEST, expires_at=NINE + timedelta(seconds=59)),
            "ExpirationTime cannot be less than 1m0s in the future",
        ),
        (
            token(GUEST, expires_at=NINE + timedelta(hours=24, seconds=1)),
            "ExpirationTime cannot be more than 24h0m0s in the future",
        ),
    ],
)
def test_a_token_that_cannot_be_made_says_why(mesh: Mesh, wanted: Token, text: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        list(acl.create_token(mesh, wanted))
    assert str(refusal.value) == text


@pytest.mark.parametrize("lasts", [timedelta(minutes=1), timedelta(hours=24)])
def test_a_token_may_last_from_a_minute_to_a_day(mesh: Mesh, lasts: timedelta) -> None:
    wanted = token(GUEST, expires_at=NINE + lasts)
    assert list(acl.create_token(mesh, wanted)) == [Change(Topic.TOKEN, (GUEST,), None, wanted)]


def test_an_update_keeps_the_secret_the_times_and_the_auth_method(mesh: Mesh) -> None:
    expiring = token(GUEST, expires_at=TEN, auth_method="jwt")
    mesh = after(mesh, acl.create_token(mesh, expiring))
    asked = Token(
        accessor_id=GUEST,
        secret_hash="",
        sealed_secret=b"",
        created_at=TEN,
        description="guest",
        policies=("read",),
    )
    kept = replace(expiring, description="guest", policies=(READ,))
    changes = list(acl.update_token(mesh, asked, now=NINE))
    assert changes == [Change(Topic.TOKEN, (GUEST,), expiring, kept)]


def test_an_equal_update_changes_nothing(mesh: Mesh) -> None:
    asked = replace(WEB_TOKEN, secret_hash="", created_at=TEN, policies=("read",))
    assert list(acl.update_token(mesh, asked, now=TEN)) == []


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (token(GUEST), f'Cannot find token "{GUEST}"'),
        (token(WEB, secret_hash="new"), "Changing a tokens SecretID is not permitted"),
        (token(WEB, is_local=True), f"cannot toggle local mode of {WEB}"),
        (token(WEB, auth_method="jwt"), f"Cannot change AuthMethod of {WEB}"),
        (token(WEB, expires_at=TEN), f"Cannot change expiration time of {WEB}"),
        (token(WEB, policies=("write",)), 'No such ACL policy with name "write"'),
    ],
)
def test_an_update_that_cannot_be_done_says_why(mesh: Mesh, wanted: Token, text: str) -> None:
    with pytest.raises(MeshError) as refusal:
        list(acl.update_token(mesh, wanted, now=NINE))
    assert str(refusal.value) == text


def test_a_clone_may_do_the_same_as_long_as_the_original(mesh: Mesh) -> None:
    original = token(READER, policies=(READ,), expires_at=TEN, description="reader")
    mesh = after(mesh, acl.create_token(mesh, original))
    clone = token(GUEST, created_at=TEN)
    twin = replace(clone, policies=(READ,), expires_at=TEN, description="reader")
    changes = list(acl.clone_token(mesh, READER, clone, now=NINE))
    assert changes == [Change(Topic.TOKEN, (GUEST,), None, twin)]
    described = replace(clone, description="guest")
    changes = list(acl.clone_token(mesh, READER, described, now=NINE))
    assert changes == [Change(Topic.TOKEN, (GUEST,), None, replace(twin, description="guest"))]


def test_a_clone_leaves_out_what_is_gone(mesh: Mesh) -> None:
    mesh = after(mesh, acl_grants.delete_policy(mesh, READ))
    mesh = after(mesh, acl_grants.delete_role(mesh, READERS))
    (change,) = acl.clone_token(mesh, WEB, token(GUEST), now=NINE)
    assert change.after == token(GUEST, description="web's")


def test_who_logged_in_or_is_expired_is_not_cloned(mesh: Mesh) -> None:
    mesh = after(mesh, acl.create_token(mesh, token(READER, auth_method="jwt", expires_at=TEN)))
    with pytest.raises(InvalidError, match="Cannot clone a token created from an auth method"):
        list(acl.clone_token(mesh, READER, token(GUEST), now=NINE))
    with pytest.raises(NotFoundError, match="Cannot find token"):
        list(acl.clone_token(mesh, READER, token(GUEST), now=TEN))


def test_a_token_is_deleted(mesh: Mesh) -> None:
    changes = list(acl.delete_token(mesh, WEB, now=NINE, by=ADMIN))
    assert changes == [Change(Topic.TOKEN, (WEB,), WEB_TOKEN, None)]


@pytest.mark.parametrize(
    ("accessor_id", "by", "text"),
    [
        (ANONYMOUS_TOKEN, "", "Delete operation not permitted on the anonymous token"),
        (GUEST, "", "Cannot find token to delete"),
        (WEB, WEB, "Deletion of the request's authorization token is not permitted"),
        (
            ADMIN,
            "",
            f"{ADMIN} is the last token that may manage ACLs: without it only a bootstrap reset"
            " leads back in. Make another one first, or force it",
        ),
    ],
)
def test_a_token_that_must_stay_says_why(mesh: Mesh, accessor_id: str, by: str, text: str) -> None:
    with pytest.raises(MeshError) as refusal:
        list(acl.delete_token(mesh, accessor_id, now=NINE, by=by))
    assert str(refusal.value) == text


def test_the_last_management_token_is_deleted_by_force(mesh: Mesh) -> None:
    changes = list(acl.delete_token(mesh, ADMIN, now=NINE, is_forced=True))
    assert changes == [Change(Topic.TOKEN, (ADMIN,), ADMIN_TOKEN, None)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(token(GUEST, policies=("global-management",)), id="by its policy"),
        pytest.param(token(GUEST, roles=("admins",)), id="by a role"),
    ],
)
def test_a_management_token_is_deleted_while_there_is_another(mesh: Mesh, other: Token) -> None:
    admins = Role(id=uuid(13), name="admins", policies=("global-management",))
    mesh = after(mesh, acl_grants.create_role(mesh, admins))
    mesh = after(mesh, acl.create_token(mesh, replace(other, expires_at=TEN)))
    changes = list(acl.delete_token(mesh, ADMIN, now=NINE))
    assert changes == [Change(Topic.TOKEN, (ADMIN,), ADMIN_TOKEN, None)]
    with pytest.raises(InvalidError):
        list(acl.delete_token(mesh, ADMIN, now=TEN))
