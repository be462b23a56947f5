"""Policies on their pages: tried while they are typed, saved, compared, deleted, restored."""

import json
from typing import Any

import pytest
from django.http import HttpResponse

from dashboard.access.effect import Effect
from dashboard.access.policy_draft import Draft, Mistake, draft_of, mistake_in, preview
from dashboard.config_entries.editor import DiffLine
from meshcore.acl.types import GLOBAL_MANAGEMENT, Policy
from tests.dashboard.asking import Dashboard
from tests.topology.meshes import mesh

WRITE = 'acl = "write"'
RULES = 'key_prefix "a" { policy = "read" }\n'


def toast(answer: HttpResponse) -> Any:  # noqa: ANN401 any JSON
    return json.loads(answer["HX-Trigger"])["toast"]


def made(dashboard: Dashboard, **fields: str) -> Policy:
    form = {"name": "ops", "rules": RULES} | fields
    answer = dashboard.post("/ui/do/save-policy", form)
    assert answer.status_code == 204, toast(answer)
    policy = dashboard.store.mesh.acl.policy_named(form["name"])
    assert policy is not None
    return policy


def index_of(dashboard: Dashboard, policy: Policy) -> str:
    return str(dashboard.store.mesh.acl.policies[policy.id].modify_index)


def test_a_mistake_is_told_with_its_place() -> None:
    assert mistake_in(RULES) is None
    assert mistake_in('key "a" {\n  policy = "reed"\n}') == Mistake(
        2, 3, 'policy is "reed": it takes "read", "list", "write" or "deny"'
    )


def test_of_bad_syntax_the_line_is_told() -> None:
    assert mistake_in('acl = "read"\n}') == Mistake(2, 0, "a key expected, but here is }")


def test_a_draft_says_what_is_gained_and_lost(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    policy = made(writer)
    record = writer.store.mesh.acl.policies[policy.id]
    before = draft_of(record)
    assert preview(writer.store.mesh, before).can_save is False
    rules = 'key_prefix "a" { policy = "write" }\noperator = "read"\n'
    draft = Draft(key=policy.id, index=before.index, name="ops", rules=rules)
    found = preview(writer.store.mesh, draft)
    assert found.diff == (
        DiffLine("removed", RULES.strip()),
        DiffLine("added", 'key_prefix "a" { policy = "write" }'),
        DiffLine("added", 'operator = "read"'),
    )
    changed = Effect(kind="key", scope="begins with", segment="a", before="read", after="write")
    assert found.effects[0] == changed
    assert [(each.kind, each.after) for each in found.effects[1:]] == [
        ("mesh", "read"),
        ("operator", "read"),
        ("peering", "read"),
    ]
    assert found.can_save
    assert found.command == f"tulle acl policy update --id {policy.id} --name ops --rules ops.hcl"


def test_a_policy_of_a_taken_name_is_refused() -> None:
    found = preview(mesh(), Draft(name="global-management"))
    assert (found.can_save, "already exists" in found.refusal) == (False, True)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            {"kind": "key", "access": "write", "segment": "ab"},
            "It may not write key ab: key_prefix &quot;a&quot; is read in policy ops.",
        ),
        (
            {"kind": "key", "access": "read", "segment": "b"},
            "It may not read key b: no rule covers it, and the default is to deny.",
        ),
        (
            {"kind": "service", "access": "list", "segment": "b"},
            "list is an access of keys alone, not of service",
        ),
        ({"kind": "acl", "access": "write"}, "It may not write acl: no rule covers it"),
    ],
)
def test_a_draft_is_asked_what_it_allows(
    guarded: Dashboard, question: dict[str, str], sentence: str
) -> None:
    writer = guarded.holding(WRITE)
    form = {"name": "ops", "rules": RULES, **question}
    assert sentence in writer.post("/ui/access/draft/policy", form).content.decode()


def test_a_draft_with_a_mistake_cannot_be_saved(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    form = {"name": "ops", "rules": "key {"}
    html = writer.post("/ui/access/draft/policy", form).content.decode()
    assert "Line 1" in html
    assert "/ui/do/save-policy" not in html
    assert writer.post("/ui/do/save-policy", form).status_code == 400
    answer = writer.post("/ui/access/check-rules", {"text": 'key "a" {\n policy = 1 }'})
    assert json.loads(answer.content) == {
        "mistakes": [
            {
                "line": 2,
                "sentence": 'policy is 1: it takes "read", "list", "write" or "deny"',
            }
        ]
    }


def test_nobody_overwrites_what_he_has_not_seen(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    policy = made(writer)
    index = index_of(writer, policy)
    form = {"key": policy.id, "index": index, "name": "ops", "rules": ""}
    assert writer.post("/ui/do/save-policy", form).status_code == 204
    beaten = writer.post("/ui/do/save-policy", form | {"rules": RULES})
    assert (
        beaten.status_code,
        "somebody else has written policy ops" in toast(beaten)["text"],
    ) == (
        409,
        True,
    )
    html = writer.post("/ui/access/draft/policy", form | {"rules": RULES}).content.decode()
    assert "Somebody else has written it" in html


def test_an_older_version_is_put_back_into_the_editor(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    policy = made(writer)
    first = index_of(writer, policy)
    form = {"key": policy.id, "index": first, "name": "ops", "rules": 'acl = "read"'}
    writer.post("/ui/do/save-policy", form)
    html = writer.get(f"/ui/access/policies/{policy.id}?at={first}").content.decode()
    assert f'name="index" value="{index_of(writer, policy)}"' in html
    assert "key_prefix &quot;a&quot; { policy = &quot;read&quot; }" in html
    assert writer.get(f"/ui/access/policies/{policy.id}?at=999").status_code == 404


def test_a_policy_is_deleted_and_its_page_says_from_whom_it_is_taken(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    policy = made(writer)
    writer.post("/ui/do/save-role", {"what": "role", "name": "team", "policy": "ops"})
    assert (
        "It is taken from role team"
        in writer.get(f"/ui/access/policies/{policy.id}").content.decode()
    )
    answer = writer.post("/ui/do/delete-policy", {"id": policy.id})
    assert toast(answer)["command"] == "tulle acl policy delete --name ops"
    assert writer.store.mesh.acl.policy(policy.id) is None
    role = writer.store.mesh.acl.role_named("team")
    assert role is not None
    assert "deleted, grants nothing" in writer.get(f"/ui/access/roles/{role.id}").content.decode()
    writer.post("/ui/do/undo", {"index": str(toast(answer)["undo"])})
    assert writer.store.mesh.acl.policy(policy.id) == policy


def test_builtin_policies_and_readers_get_no_form(guarded: Dashboard) -> None:
    writer, reader = guarded.holding(WRITE), guarded.holding('acl = "read"')
    builtin = f"/ui/access/policies/{GLOBAL_MANAGEMENT}"
    own = f"/ui/access/policies/{made(writer).id}"
    for browser, path in ((writer, builtin), (reader, builtin), (reader, own)):
        html = browser.get(path).content.decode()
        assert "/ui/do/" not in html
        assert "readonly" in html
    form = {"key": GLOBAL_MANAGEMENT, "name": "global-management", "rules": "", "index": "1"}
    assert "builtin" in toast(writer.post("/ui/do/save-policy", form))["text"]
    for verb in ("save-policy", "delete-policy"):
        assert reader.post(f"/ui/do/{verb}", form | {"id": "x"}).status_code == 403
