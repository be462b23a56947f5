"""Tokens on their pages: listed, made, changed, revoked; and where their secrets are not."""

import json
import logging
import re
from typing import Any

import pytest
from django.http import HttpResponse
from msgspec.structs import replace

from dashboard.access.page import access
from dashboard.access.tokens import TokenRow
from meshcore.acl.types import ANONYMOUS_TOKEN, NodeIdentity, ServiceIdentity, TemplatedPolicyLink
from meshcore.lib.errors import DeniedError, NotFoundError
from tests.dashboard.asking import FACTS, MANAGEMENT, Dashboard, asking, holder
from tests.topology.meshes import mesh

READ, WRITE = 'acl = "read"', 'acl = "write"'
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGES = (
    "/ui/access",
    "/ui/access?tab=policies",
    "/ui/access?tab=roles",
    "/ui/access?tab=auth-methods",
    "/ui/access?tab=binding-rules",
    "/ui/access?tab=templated-policies",
    "/ui/access/tokens/new",
    "/ui/access/roles/new",
)


def toast(answer: HttpResponse) -> Any:  # noqa: ANN401 any JSON
    return json.loads(answer["HX-Trigger"])["toast"]


def created(dashboard: Dashboard, **fields: str | list[str]) -> tuple[HttpResponse, str, str]:
    """The answer, the accessor and the secret in it."""
    answer = dashboard.post("/ui/do/save-token", {"what": "token", **fields})
    html = answer.content.decode()
    secret = re.findall(r'id="secret-text">([^<]*)<', html)[0]
    accessor = re.findall(r"/ui/access/tokens/([0-9a-f-]{36})", html)[0]
    return answer, accessor, secret


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_it_without_the_right_to_read_acls(guarded: Dashboard, path: str) -> None:
    nobody = guarded.holding('service_prefix "" { policy = "write" }')
    answer = nobody.get(path)
    assert answer.status_code == 403
    assert "/ui/access" not in answer.content.decode().split("<main")[0]


def test_who_may_only_read_is_offered_no_change(guarded: Dashboard) -> None:
    reader = guarded.holding(READ)
    own = reader.store.mesh.acl
    accessor = next(iter(own.tokens))
    for path in (*PAGES[:6], f"/ui/access/tokens/{accessor}"):
        html = reader.get(path).content.decode()
        assert "/ui/do/" not in html
        assert "/new" not in html
    for path in (*PAGES[6:], f"/ui/access/tokens/{accessor}/edit"):
        assert reader.get(path).status_code == 403
    for verb in ("save-token", "clone-token", "delete-token", "save-role", "delete-role"):
        form = {"accessor": accessor, "id": "x", "what": "token", "name": "x"}
        assert reader.post(f"/ui/do/{verb}", form).status_code == 403, verb
    assert guarded.store.mesh.acl.tokens == own.tokens


def test_a_row_says_what_a_token_is_and_nothing_of_its_secret(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    _, accessor, _ = created(writer, description="Ops", service=["web", ""], policy=["", ""])
    acl = writer.store.mesh.acl
    page = access(asking(writer.store.mesh, params=(("q", "ops"),)))
    assert page.listing is not None
    token = acl.tokens[accessor].value
    assert list(page.listing.rows) == [
        TokenRow(
            accessor_id=accessor,
            description="Ops",
            policies=(),
            roles=(),
            services=("web",),
            nodes=(),
            templates=(),
            scope="global",
            auth_method="",
            expires_at="",
            created_at=token.created_at.isoformat(timespec="seconds"),
            is_management=False,
            is_yours=False,
        )
    ]


def test_a_token_is_made_of_what_is_typed(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    answer, accessor, secret = created(
        writer,
        description="Ada",
        policy=["global-management", ""],
        service=["web:dc1,dc2"],
        node=["node-1:dc1"],
        template=["builtin/dns", "builtin/node", ""],
        template_for=["", "node-2", ""],
        ttl="1h",
        reason="new here",
    )
    token = writer.store.mesh.acl.tokens[accessor].value
    assert writer.callers.token(secret) == token
    assert (token.description, token.policies) == ("Ada", MANAGEMENT)
    assert token.service_identities == (ServiceIdentity(service="web", datacenters=("dc1", "dc2")),)
    assert token.node_identities == (NodeIdentity(node="node-1", datacenter="dc1"),)
    assert token.templated_policies == (
        TemplatedPolicyLink(template="builtin/dns"),
        TemplatedPolicyLink(template="builtin/node", name="node-2"),
    )
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).total_seconds() == 3600
    assert toast(answer)["command"].startswith(
        "tulle acl token create --description Ada --policy-name global-management"
    )
    logged = writer.store.recent.newest_first()[0]
    assert (logged.reason, toast(answer)["undo"]) == ("new here", logged.index)


def test_a_secret_is_in_one_answer_and_nowhere_else(
    guarded: Dashboard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    writer = guarded.holding(WRITE)
    answer, accessor, secret = created(writer, description="Ops")
    assert answer["Cache-Control"] == "no-store"
    assert secret not in str(answer.headers)
    first = answer.content.decode()
    assert set(UUID.findall(first)) == {secret, accessor}
    cloned = writer.post("/ui/do/clone-token", {"accessor": accessor})
    own = (f"/ui/access/tokens/{accessor}", f"/ui/access/tokens/{accessor}/edit")
    exports = ("/ui/access?format=csv", "/ui/access?format=json", "/ui/changes")
    for path in (*PAGES, *own, *exports):
        page = writer.get(path)
        assert page.status_code == 200, path
        assert secret not in page.content.decode()
        assert secret not in str(page.headers)
    assert secret not in cloned.content.decode()
    assert secret not in caplog.text
    token = writer.store.mesh.acl.tokens[accessor].value
    assert token.secret_hash not in writer.get(own[0]).content.decode()


def test_a_clone_may_do_the_same_under_another_secret(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    _, accessor, secret = created(writer, description="Ops", service="web")
    html = writer.post("/ui/do/clone-token", {"accessor": accessor}).content.decode()
    found = set(UUID.findall(html)) - {accessor}
    twin = next(
        record.value for key, record in writer.store.mesh.acl.tokens.items() if key in found
    )
    original = writer.store.mesh.acl.tokens[accessor].value
    assert twin == replace(
        original,
        accessor_id=twin.accessor_id,
        secret_hash=twin.secret_hash,
        sealed_secret=twin.sealed_secret,
        created_at=twin.created_at,
    )
    assert (found - {twin.accessor_id}).isdisjoint({secret})


def test_a_token_is_changed_and_keeps_its_secret(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    _, accessor, secret = created(writer, description="Ops", service="web", local="yes")
    record = writer.store.mesh.acl.tokens[accessor]
    form = {
        "what": "token",
        "key": accessor,
        "index": str(record.modify_index),
        "description": "Ops",
        "service": "api",
        "local": "yes",
    }
    answer = writer.post("/ui/do/save-token", form)
    assert (answer.status_code, answer["Tulle-Go-To"]) == (204, f"/ui/access/tokens/{accessor}")
    assert toast(answer)["command"] == (
        f"tulle acl token update --accessor-id {accessor} --service-identity api"
    )
    after = writer.store.mesh.acl.tokens[accessor].value
    assert after == replace(record.value, service_identities=(ServiceIdentity(service="api"),))
    assert writer.callers.token(secret) == after
    beaten = writer.post("/ui/do/save-token", form | {"service": "db"})
    assert beaten.status_code == 409
    assert "somebody else has written token" in toast(beaten)["text"]
    assert writer.store.mesh.acl.tokens[accessor].value == after


def test_while_it_is_typed_one_sees_what_it_would_give(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    form: dict[str, str | list[str]] = {"service": ["web", ""], "policy": ["nonsense", ""]}
    html = writer.post("/ui/access/draft/linked", form).content.decode()
    assert "No such ACL policy with name &quot;nonsense&quot;" in html
    assert "/ui/do/save-token" not in html
    html = writer.post("/ui/access/draft/linked", form | {"drop": "policy/0"}).content.decode()
    assert "nonsense" not in html
    assert "web-sidecar-proxy" in html
    assert "tulle acl token create --service-identity web" in html


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"node": "node-1"}, "needs one datacenter: write it as node-1:dc1"),
        ({"service": "Web"}, "is no name for a service identity"),
        ({"template": "builtin/node", "template_for": ""}, "builtin/node needs a name"),
        ({"ttl": "soon"}, "invalid duration"),
        ({"ttl": "48h"}, "cannot be more than 24h0m0s"),
    ],
)
def test_what_is_typed_wrong_is_named(
    guarded: Dashboard, typed: dict[str, str], sentence: str
) -> None:
    writer = guarded.holding(WRITE)
    before = writer.store.mesh.acl
    html = writer.post("/ui/access/draft/linked", typed).content.decode()
    assert sentence in html, html[-2000:]
    answer = writer.post("/ui/do/save-token", typed)
    assert (answer.status_code, sentence in toast(answer)["text"]) == (400, True)
    assert writer.store.mesh.acl == before


def test_a_revoked_token_is_refused_and_its_revocation_can_be_undone(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    _, accessor, secret = created(writer, description="Ops")
    answer = writer.post("/ui/do/delete-token", {"accessor": accessor})
    assert (answer.status_code, answer["Tulle-Go-To"]) == (204, "/ui/access?tab=tokens")
    assert accessor not in writer.store.mesh.acl.tokens
    assert writer.get(f"/ui/access/tokens/{accessor}").status_code == 404
    writer.post("/ui/do/undo", {"index": str(toast(answer)["undo"])})
    assert writer.callers.token(secret).accessor_id == accessor


def test_the_last_management_token_goes_only_by_force(guarded: Dashboard) -> None:
    manager = guarded.token(policies=MANAGEMENT)
    browser = guarded.logged_in(manager)
    accessor = guarded.accessor_of(manager)
    html = browser.get(f"/ui/access/tokens/{accessor}").content.decode()
    assert "The last token that may manage ACLs" in html
    form = {"accessor": accessor, "own": "yes"}
    refused = browser.post("/ui/do/delete-token", form)
    assert "is the last token that may manage ACLs" in toast(refused)["text"]
    assert accessor in guarded.store.mesh.acl.tokens
    assert browser.post("/ui/do/delete-token", form | {"force": "yes"}).status_code == 204
    assert accessor not in guarded.store.mesh.acl.tokens


def test_who_revokes_his_own_token_has_to_know_it(guarded: Dashboard) -> None:
    guarded.token(policies=MANAGEMENT)
    secret = guarded.token(policies=MANAGEMENT)
    browser, accessor = guarded.logged_in(secret), guarded.accessor_of(secret)
    html = browser.get(f"/ui/access/tokens/{accessor}").content.decode()
    assert "this browser is logged out at once" in html
    refused = browser.post("/ui/do/delete-token", {"accessor": accessor})
    assert "you are logged in with this token" in toast(refused)["text"]
    browser.post("/ui/do/delete-token", {"accessor": accessor, "own": "yes"})
    assert browser.get("/ui/access").status_code == 303


def test_the_anonymous_token_is_not_revoked(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    answer = writer.post("/ui/do/delete-token", {"accessor": ANONYMOUS_TOKEN})
    assert answer.status_code == 400


def test_descriptions_are_text_and_no_markup(guarded: Dashboard) -> None:
    writer = guarded.holding(WRITE)
    _, accessor, _ = created(writer, description="<img src=x onerror=alert(1)>")
    for path in (
        "/ui/access",
        f"/ui/access/tokens/{accessor}",
        f"/ui/access/tokens/{accessor}/edit",
    ):
        assert "<img" not in writer.get(path).content.decode()


def test_where_acls_are_off_nothing_can_be_made_and_the_page_says_so() -> None:
    page = access(asking(mesh(), facts=replace(FACTS, acl_enabled=False)))
    assert (page.context["is_off"], page.context["new_path"]) == (True, "")


def test_there_are_six_tabs() -> None:
    with pytest.raises(NotFoundError, match='no tab "x"'):
        access(asking(mesh(), caller=holder(READ), params=(("tab", "x"),)))
    with pytest.raises(DeniedError):
        access(asking(mesh(), caller=holder("")))
