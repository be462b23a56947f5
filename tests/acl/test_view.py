from datetime import UTC, datetime

import msgspec

from meshcore.acl.types import GLOBAL_MANAGEMENT, Policy, Role, Token
from meshcore.acl.view import Acl
from meshcore.lib.records import Record

WEB = Policy(id="p-web", name="web")
TOKEN = Token(
    accessor_id="t-1",
    secret_hash="h1",
    sealed_secret=b"",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    roles=("r-1",),
)


def test_the_builtin_policies_are_there_from_the_start() -> None:
    policy = Acl().policy_named("global-management")
    assert policy is not None
    assert policy.id == GLOBAL_MANAGEMENT


def test_a_policy_is_found_by_its_new_name_only() -> None:
    api = msgspec.structs.replace(WEB, name="api")
    view = Acl().with_policy("p-web", Record(WEB, 1, 1)).with_policy("p-web", Record(api, 1, 2))
    assert (view.policy_named("web"), view.policy_named("api")) == (None, api)
    assert view.with_policy("p-web", None) == Acl()


def test_a_name_that_passed_to_another_policy_stays_with_it() -> None:
    other = Policy(id="p-2", name="web")
    view = Acl().with_policy("p-web", Record(WEB, 1, 1)).with_policy("p-2", Record(other, 2, 2))
    assert view.with_policy("p-web", None).policy_named("web") == other


def test_a_token_is_found_by_the_hash_of_its_secret_until_it_is_deleted() -> None:
    view = Acl().with_token("t-1", Record(TOKEN, 1, 1))
    assert view.token_hashed("h1") == TOKEN
    assert view.with_token("t-1", None) == Acl()


def test_management_comes_by_role_too() -> None:
    role = Role(id="r-1", name="admins", policies=(GLOBAL_MANAGEMENT,))
    view = Acl().with_token("t-1", Record(TOKEN, 1, 1))
    assert list(view.management_tokens()) == []
    assert list(view.with_role("r-1", Record(role, 2, 2)).management_tokens()) == [TOKEN]
