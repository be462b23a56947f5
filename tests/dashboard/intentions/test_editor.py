"""The editor: what it shows, what becomes of what is sent, and to whom."""

import json
from functools import partial

import pytest

from dashboard.intentions.draft import Draft, draft_of
from dashboard.intentions.editor import Editor, edit
from dashboard.intentions.fields import base_of
from meshcore.actions import intentions
from meshcore.intentions.types import Intention
from meshcore.lib.errors import DeniedError, InvalidError
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import NOW, Dashboard, asking, holder, put, text_of
from tests.dashboard.intentions.saying import toast
from tests.topology.meshes import allow, deny, mesh, only_gets, service, toward

PATH = "/ui/intentions/edit?destination=api"
MESH = mesh(
    service("web", calls=["api"]),
    service("api"),
    toward(allow("web", "api"), deny("*", "api"), deny("*", "*")),
)
WRITE = 'service_prefix "" { policy = "read" intentions = "write" }'
READ = 'service "api" { policy = "read" intentions = "read" }'
PROBE = "<img src=x onerror=alert(1)>'\""


def editor_of(caller: Caller = ANYBODY, **params: str) -> Editor:
    shown = edit(asking(MESH, caller=caller, params=tuple(params.items()))).context["editor"]
    assert isinstance(shown, Editor)
    return shown


def form(browser: Dashboard, destination: str = "api", **fields: str) -> dict[str, str]:
    """What the form sends when nothing was done to it, but for these fields."""
    record = browser.store.mesh.intentions.by_destination.get(destination)
    draft = draft_of(record.value, index=record.modify_index) if record else Draft()
    sent = {"destination": destination, "index": str(draft.index), "base": base_of(draft)}
    for at, row in enumerate(draft.sources):
        sent |= {f"sources.{at}.name": row.name, f"sources.{at}.by": row.by}
    return sent | fields


def between(browser: Dashboard, source: str, destination: str) -> Intention | None:
    return browser.store.mesh.intentions.between(source, destination)


def test_editor_shows_the_order_in_which_intentions_are_asked() -> None:
    shown = editor_of(destination="api")
    assert [(step.about, step.verdict, step.is_reached) for step in shown.steps] == [
        ("calls of web", "allow", True),
        ("calls of every other service", "deny", True),
        ("calls of every other service to any service", "deny", False),
        ("calls of every other service", "default-deny", False),
    ]
    assert (shown.saving.is_change, shown.can_save, shown.may_write) == (False, False, True)


def test_source_that_is_asked_for_is_open_and_may_be_one_that_is_not_there_yet() -> None:
    shown = editor_of(destination="api", source="cart", by="deny")
    assert [(cell.row.name, cell.is_open, cell.state) for cell in shown.sheet.sources] == [
        ("web", False, ""),
        ("*", False, ""),
        ("cart", True, "new"),
    ]
    assert shown.hints == ("No service is registered as cart yet: the intention waits for it.",)
    assert shown.saving.command == "tulle intention create cart api --deny"


def test_token_that_may_only_read_is_offered_no_button() -> None:
    assert editor_of(holder(READ), destination="api").may_write is False
    with pytest.raises(DeniedError):
        editor_of(holder('service "web" { policy = "read" }'), destination="api")


@pytest.mark.parametrize("destination", ["", "a*", "a b"])
def test_destination_that_cannot_be_one_is_refused(destination: str) -> None:
    with pytest.raises(InvalidError):
        editor_of(destination=destination)


def test_what_is_sent_comes_back_with_what_saving_it_would_do(dashboard: Dashboard) -> None:
    put(dashboard, service("web", calls=["api"]), service("api"), toward(allow("web", "api")))
    answer = dashboard.post("/ui/intentions/draft", form(dashboard, **{"sources.0.by": "deny"}))
    text = text_of(f"<main>{answer.content.decode()}</main>")
    assert "Calls that proxies make would be denied\nweb → api" in text
    assert "tulle intention create web api --deny --replace" in text
    assert between(dashboard, "web", "api") == allow("web", "api")


def test_saved_draft_is_written_and_can_be_undone(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api")))
    sent = form(dashboard, do="save", reason="closed", **{"sources.0.by": "deny"})
    answer = dashboard.post("/ui/intentions/draft", sent)
    index = dashboard.store.mesh.index
    assert toast(answer) == {
        "text": "Saved: intention web → api: allow → deny",
        "kind": "done",
        "command": "tulle intention create web api --deny --replace",
        "undo": index,
    }
    logged = dashboard.store.recent.newest_first()[0]
    assert (logged.index, logged.reason) == (index, "closed")
    saved = between(dashboard, "web", "api")
    assert saved is not None
    assert saved.action == "deny"
    assert f'name="index" value="{index}"' in answer.content.decode()


def test_a_thousand_sources_are_sent_along_and_kept(dashboard: Dashboard) -> None:
    put(dashboard, toward(*(allow(f"web-{number}", "api") for number in range(1500))))
    answer = dashboard.post(
        "/ui/intentions/draft", form(dashboard, do="save", **{"sources.0.by": "deny"})
    )
    assert toast(answer)["text"] == "Saved: intention web-0 → api: allow → deny"
    entry = dashboard.store.mesh.intentions.to("api")
    assert entry is not None
    assert len(entry.intentions) == 1500


def test_draft_without_sources_deletes_the_entry(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api")))
    sent = {k: v for k, v in form(dashboard, do="save").items() if not k.startswith("sources")}
    dashboard.post("/ui/intentions/draft", sent)
    assert dashboard.store.mesh.intentions.to("api") is None


def test_of_two_who_edit_the_same_the_second_is_shown_what_the_first_did(
    dashboard: Dashboard,
) -> None:
    put(dashboard, toward(allow("web", "api")))
    second = form(dashboard, do="save", **{"sources.0.by": "deny"})
    dashboard.write(partial(intentions.upsert, intention=allow("cart", "api"), now=NOW))
    answer = dashboard.post("/ui/intentions/draft", second)
    assert toast(answer)["kind"] == "error"
    html = answer.content.decode()
    assert "Somebody else has changed these intentions meanwhile" in html
    assert '<span class="mono">test</span>' in html  # who it was
    web = between(dashboard, "web", "api")
    assert web is not None
    assert web.action == "allow"
    merged = dashboard.post("/ui/intentions/draft", {**second, "do": "merge"}).content.decode()
    assert "Somebody else" not in merged
    assert "cart" in merged


def test_permissions_toward_a_service_without_http_are_refused_before_they_are_saved(
    dashboard: Dashboard,
) -> None:
    put(dashboard, service("api"), toward(allow("web", "api")))
    by_request = {
        "sources.0.by": "permissions",
        "sources.0.permissions.0.path_test": "prefix",
        "sources.0.permissions.0.path": "/v1",
    }
    html = dashboard.post("/ui/intentions/draft", form(dashboard, **by_request)).content.decode()
    assert "set its protocol in service-defaults first" in html


def test_names_and_descriptions_are_text_whatever_is_in_them(dashboard: Dashboard) -> None:
    written = allow("web", "api")
    put(dashboard, toward(written))
    fields = {"sources.0.name": PROBE, "sources.0.description": PROBE, "reason": PROBE}
    for sent in (
        form(dashboard, **fields),
        form(dashboard, text=PROBE),
        form(dashboard, do="save", **fields),
    ):
        answer = dashboard.post("/ui/intentions/draft", sent)
        assert "<img" not in answer.content.decode()


def test_draft_takes_the_right_to_write(guarded: Dashboard) -> None:
    put(guarded, toward(allow("web", "api"), only_gets("web", "db")))
    reader, writer = guarded.holding(READ), guarded.holding(WRITE)
    sent = form(guarded)
    assert reader.post("/ui/intentions/draft", sent).status_code == 403
    assert writer.post("/ui/intentions/draft", sent).status_code == 200
    assert reader.post("/ui/intentions/draft", {**sent, "do": "save"}).status_code == 403


def test_form_that_no_page_made_is_refused(dashboard: Dashboard) -> None:
    answer = dashboard.post("/ui/intentions/draft", {"destination": "api", "do": "explode"})
    assert (answer.status_code, toast(answer)["text"]) == (400, "the form has no button explode")


def test_mistakes_of_a_text_are_told_with_their_lines(dashboard: Dashboard) -> None:
    text = "Kind: service-intentions\nName: api\nSources: [{Name: web, Action: no}]"
    answer = dashboard.post("/ui/check-text", {"text": text, "language": "yaml"})
    assert json.loads(answer.content) == {
        "mistakes": [{"line": 3, "sentence": 'Sources[0].Action: must be allow or deny, not "no"'}]
    }
