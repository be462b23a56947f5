"""Many documents at once: planned, and then written as a whole or not at all."""

from io import BytesIO

from meshcore.intentions.types import Intention
from tests.dashboard.asking import Dashboard, put, text_of
from tests.dashboard.intentions.saying import toast
from tests.topology.meshes import allow, only_gets, toward

PATH = "/ui/intentions/bring"
TEXT = """\
Kind: service-defaults
Name: api
Protocol: http
---
Kind: service-intentions
Name: api
Sources:
  - Name: web
    Permissions: [{Action: allow, HTTP: {PathPrefix: /v1}}]
---
Kind: service-intentions
Name: db
Sources: [{Name: api, Action: allow}]
"""
WRONG = "Kind: service-intentions\nName: api\nSources: [{Name: web, Action: no}]\n"


def plan(browser: Dashboard, text: str) -> str:
    html = browser.post(PATH, {"text": text}).content.decode()
    return text_of(f"<main>{html}</main>")


def between(browser: Dashboard, source: str, destination: str) -> Intention | None:
    return browser.store.mesh.intentions.between(source, destination)


def test_documents_are_planned_and_nothing_is_written(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api"), allow("api", "db")))
    index = dashboard.store.mesh.index
    found = plan(dashboard, TEXT)
    assert "1 to create, 1 to change, 1 unchanged" in found
    assert 'Sources[web].Action: "allow"' in found
    assert 'Sources[web].Permissions[0].HTTP.PathPrefix: "/v1"' in found
    assert dashboard.store.mesh.index == index


def test_documents_are_written_as_one_entry_of_the_log(dashboard: Dashboard) -> None:
    index = dashboard.store.mesh.index
    answer = dashboard.post(PATH, {"text": TEXT, "do": "apply", "reason": "moved"})
    assert toast(answer) == {
        "text": "3 entries written",
        "kind": "done",
        "command": "tulle apply -f intentions.yaml",
        "undo": index + 1,
    }
    assert dashboard.store.recent.newest_first()[0].reason == "moved"
    assert between(dashboard, "api", "db") is not None
    dashboard.post("/ui/do/undo", {"index": str(index + 1)})
    assert between(dashboard, "api", "db") is None


def test_file_is_read_in_place_of_the_field(dashboard: Dashboard) -> None:
    file = BytesIO(TEXT.encode())
    file.name = "mesh.yaml"
    answer = dashboard.client.post(PATH, {"text": "", "file": file})
    assert "3 to create" in answer.content.decode()
    file = BytesIO(b"\xff\xfe")
    file.name = "mesh.yaml"
    answer = dashboard.client.post(PATH, {"text": "", "file": file})
    assert toast(answer)["text"] == "mesh.yaml is no text in UTF-8"


def test_mistakes_and_refusals_forbid_all_of_it(dashboard: Dashboard) -> None:
    assert 'line 3: Sources[0].Action: must be allow or deny, not "no"' in plan(dashboard, WRONG)
    only_intentions = TEXT.partition("---\n")[2]
    assert "set its protocol in service-defaults first" in plan(dashboard, only_intentions)
    for text in (WRONG, f"{TEXT}---\n{WRONG}", only_intentions):
        dashboard.post(PATH, {"text": text, "do": "apply"})
    assert not dashboard.store.mesh.intentions.by_destination


def test_what_is_there_is_shown_to_nobody_who_may_not_write_it(guarded: Dashboard) -> None:
    put(guarded, toward(only_gets("secret", "db")))
    writer = guarded.holding('service "api" { policy = "write" intentions = "write" }')
    found = plan(writer, TEXT)
    assert "It cannot be written" in found
    assert "secret" not in found
    writer.post(PATH, {"text": TEXT, "do": "apply"})
    assert between(guarded, "api", "db") is None


def test_what_is_pasted_is_text(dashboard: Dashboard) -> None:
    text = "Kind: service-intentions\nName: api\nSources: [{Name: '<img src=x>', Action: no}]\n"
    assert "<img" not in dashboard.post(PATH, {"text": text}).content.decode()
