from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from meshcore.acl.types import GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY, Policy, Role, ServiceIdentity
from meshcore.acl.view import BUILTIN
from meshcore.actions.acl_grants import (
    create_policy,
    create_role,
    delete_policy,
    delete_role,
    update_policy,
    update_role,
)
from meshcore.lib.errors import MeshError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic


def uuid(number: int) -> str:
    return f"{number:08d}-1111-4111-8111-111111111111"


READ, WRITE, READERS, WRITERS = uuid(1), uuid(2), uuid(3), uuid(4)
READ_POLICY = Policy(id=READ, name="read", rules='service_prefix "" { policy = "read" }')
WRITE_POLICY = Policy(id=WRITE, name="write", rules='{"service_prefix": {"": {"policy": "write"}}}')
READERS_ROLE = Role(id=READERS, name="readers", policies=(READ,))
BUILTIN_POLICY = BUILTIN[GLOBAL_MANAGEMENT].value


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, changes, index=mesh.index + 1)


@pytest.fixture
def mesh() -> Mesh:
    mesh = after(Mesh(), create_policy(Mesh(), READ_POLICY))
    return after(mesh, create_role(mesh, READERS_ROLE))


def test_a_policy_is_created_updated_and_deleted(mesh: Mesh) -> None:
    created = list(create_policy(mesh, WRITE_POLICY))
    assert created == [Change(Topic.POLICY, (WRITE,), None, WRITE_POLICY)]
    mesh = after(mesh, created)
    renamed = replace(WRITE_POLICY, name="write-all", datacenters=("dc1",))
    updated = list(update_policy(mesh, renamed))
    assert updated == [Change(Topic.POLICY, (WRITE,), WRITE_POLICY, renamed)]
    deleted = list(delete_policy(after(mesh, updated), WRITE))
    assert deleted == [Change(Topic.POLICY, (WRITE,), renamed, None)]


def test_a_role_is_created_updated_and_deleted(mesh: Mesh) -> None:
    role = Role(id=WRITERS, name="writers", policies=("read", "builtin/global-read-only", READ))
    kept = replace(role, policies=(READ, GLOBAL_READ_ONLY))
    created = list(create_role(mesh, role))
    assert created == [Change(Topic.ROLE, (WRITERS,), None, kept)]
    mesh = after(mesh, created)
    narrowed = replace(kept, policies=(), service_identities=(ServiceIdentity(service="web"),))
    updated = list(update_role(mesh, narrowed))
    assert updated == [Change(Topic.ROLE, (WRITERS,), kept, narrowed)]
    deleted = list(delete_role(after(mesh, updated), WRITERS))
    assert deleted == [Change(Topic.ROLE, (WRITERS,), narrowed, None)]


def test_equal_writes_change_nothing(mesh: Mesh) -> None:
    assert list(update_policy(mesh, READ_POLICY)) == []
    assert list(update_role(mesh, replace(READERS_ROLE, policies=("read",)))) == []


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (replace(WRITE_POLICY, id="write"), "Policy ID is not a valid UUID"),
        (replace(WRITE_POLICY, id=READ), f"Invalid Policy: the ID {READ} is already in use"),
        (replace(WRITE_POLICY, name=""), "Invalid Policy: no Name is set"),
        (
            replace(WRITE_POLICY, name="write all"),
            '"write all" is no name for a policy:'
            " it takes up to 128 letters, digits, - and _, with at most one / between them",
        ),
        (
            replace(WRITE_POLICY, name="read"),
            'Invalid Policy: A policy with name "read" already exists',
        ),
        (
            replace(WRITE_POLICY, rules='acl = "read"\nserivce "web" { policy = "read" }'),
            "rules:2:1: serivce is no kind of rule; did you mean service?",
        ),
        (
            replace(WRITE_POLICY, rules='service "web" { policy = "list" }'),
            'rules:1:17: policy is "list": it takes "read", "write" or "deny"',
        ),
    ],
)
def test_a_policy_that_cannot_be_made_says_why(mesh: Mesh, policy: Policy, text: str) -> None:
    with pytest.raises(MeshError) as refusal:
        list(create_policy(mesh, policy))
    assert str(refusal.value) == text


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (WRITE_POLICY, f"cannot find policy {WRITE}"),
        (
            replace(BUILTIN_POLICY, rules=""),
            "Changing the builtin global-management policy is not permitted",
        ),
        (replace(READ_POLICY, rules="acl ="), "rules:1:"),
        (
            replace(READ_POLICY, name="global-management"),
            'Invalid Policy: A policy with name "global-management" already exists',
        ),
    ],
)
def test_an_update_that_cannot_be_done_says_why(mesh: Mesh, policy: Policy, text: str) -> None:
    with pytest.raises(MeshError) as refusal:
        list(update_policy(mesh, policy))
    assert str(refusal.value).startswith(text)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        (Role(id="x", name="writers"), "Role ID is not a valid UUID"),
        (
            Role(id=READERS, name="writers"),
            f"Invalid Role: the ID {READERS} is already in use",
        ),
        (Role(id=WRITERS, name=""), "Invalid Role: no Name is set"),
        (
            Role(id=WRITERS, name="all/writers"),
            '"all/writers" is no name for a role: it takes up to 256 letters, digits, - and _',
        ),
        (
            Role(id=WRITERS, name="readers"),
            'Invalid Role: A role with name "readers" already exists',
        ),
        (
            Role(id=WRITERS, name="writers", policies=("write",)),
            'No such ACL policy with name "write"',
        ),
    ],
)
def test_a_role_that_cannot_be_made_says_why(mesh: Mesh, role: Role, text: str) -> None:
    with pytest.raises(MeshError) as refusal:
        list(create_role(mesh, role))
    assert str(refusal.value) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (lambda mesh: delete_policy(mesh, WRITE), "Cannot find policy to delete"),
        (
            lambda mesh: delete_policy(mesh, GLOBAL_READ_ONLY),
            "Delete operation not permitted on the builtin builtin/global-read-only policy",
        ),
        (lambda mesh: delete_role(mesh, WRITERS), "Cannot find role to delete"),
        (
            lambda mesh: update_role(mesh, Role(id=WRITERS, name="writers")),
            f"cannot find role {WRITERS}",
        ),
    ],
)
def test_what_is_not_there_or_builtin_is_not_changed(
    mesh: Mesh, changes: object, text: str
) -> None:
    assert callable(changes)
    with pytest.raises(MeshError) as refusal:
        list(changes(mesh))
    assert str(refusal.value) == text
