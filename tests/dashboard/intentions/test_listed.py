"""The list: what it shows of whose intentions, what can be done from it, and the files it gives."""

import json

import pytest

from dashboard.intentions.listed import IntentionRow, intentions
from dashboard.pages import Page
from meshcore.intentions.types import Intention
from meshcore.mesh.texts import Asked, read
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import Dashboard, asking, holder, put, text_of
from tests.dashboard.intentions.saying import toast
from tests.topology.meshes import allow, deny, http, mesh, only_gets, service, toward

MESH = mesh(
    service("web"),
    service("api"),
    http("api"),
    toward(only_gets("web", "api"), deny("*", "api"), allow("web", "db"), deny("*", "*")),
)
PROBE = "<img src=x onerror=alert(1)>"


def page(caller: Caller = ANYBODY, /, **params: str) -> Page:
    return intentions(asking(MESH, caller=caller, params=tuple(params.items())))


def pairs(shown: Page) -> list[str]:
    assert shown.listing is not None
    return [row.pair for row in shown.listing.rows]


def between(browser: Dashboard, source: str, destination: str) -> Intention | None:
    return browser.store.mesh.intentions.between(source, destination)


def test_intentions_stand_in_the_order_in_which_they_are_asked() -> None:
    shown = page()
    assert shown.listing is not None
    assert shown.listing.rows == [
        IntentionRow(
            source="web",
            destination="api",
            action="permissions",
            permissions="allow GET",
            precedence=9,
        ),
        IntentionRow(
            source="web", destination="db", action="allow", precedence=9, destination_known=False
        ),
        IntentionRow(source="*", destination="api", action="deny", precedence=8),
        IntentionRow(source="*", destination="*", action="deny", precedence=5),
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"q": "get"}, ["web api"]),
        ({"action": "deny"}, ["* api", "* *"]),
        ({"destination": "db"}, ["web db"]),
        ({"waits": "not yet"}, ["web db"]),
        (
            {"filter": 'Source == "web" and Precedence == 9', "sort": "-destination"},
            ["web db", "web api"],
        ),
    ],
)
def test_list_is_narrowed_by_its_url(params: dict[str, str], expected: list[str]) -> None:
    assert pairs(page(**params)) == expected


def test_an_intention_is_shown_to_whoever_may_read_one_of_its_sides() -> None:
    shown = page(holder('service "db" { policy = "read" intentions = "read" }'))
    assert (pairs(shown), shown.is_filtered) == (["web db", "* api", "* *"], True)
    shown = page(holder('service "web" { policy = "read" intentions = "read" }'))
    assert pairs(shown) == ["web api", "web db", "* api", "* *"]
    assert shown.context["may_write"] == set()


def test_an_action_replaces_what_was_said_and_can_be_undone(dashboard: Dashboard) -> None:
    put(dashboard, http("api"), toward(only_gets("web", "api")))
    answer = dashboard.post("/ui/do/put-intention", {"pair": "web api", "action": "deny"})
    assert toast(answer) == {
        "text": "web → api denied",
        "kind": "done",
        "command": "tulle intention create web api --deny --replace",
        "undo": dashboard.store.mesh.index,
    }
    found = between(dashboard, "web", "api")
    assert found is not None
    assert (found.action, found.permissions) == ("deny", ())
    dashboard.post("/ui/do/undo", {"index": str(dashboard.store.mesh.index)})
    found = between(dashboard, "web", "api")
    assert found is not None
    assert found.action is None


def test_many_are_changed_as_one_entry_of_the_log(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api"), allow("cart", "api"), allow("web", "db")))
    many = {"pair": ["web api", "cart api", "web db"]}
    before = dashboard.store.mesh.index
    answer = dashboard.client.post("/ui/do/delete-intention", many)
    assert toast(answer)["text"] == "3 intentions deleted"
    assert dashboard.store.mesh.index == before + 1
    assert not dashboard.store.mesh.intentions.by_destination
    dashboard.post("/ui/do/undo", {"index": str(before + 1)})
    assert len(dashboard.store.mesh.intentions.by_destination) == 2


def test_new_intention_does_not_replace_one_that_is_there(dashboard: Dashboard) -> None:
    put(dashboard, toward(deny("web", "api")))
    form = {"source": "web", "destination": "api", "action": "allow"}
    answer = dashboard.post("/ui/do/create-intention", form)
    assert answer.status_code == 409
    assert "there is an intention from web to api already, which says deny" in toast(answer)["text"]
    answer = dashboard.post("/ui/do/create-intention", {**form, "destination": "db"})
    assert toast(answer)["text"] == "web → db allowed"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"action": "allow"}, "0 intentions at once: 1 to 1000 are possible"),
        ({"pair": "web", "action": "allow"}, '"web" is no source and destination'),
        ({"pair": "web api"}, "action is missing"),
        ({"pair": "web api", "action": "no"}, 'action is "no": it is either allow or deny'),
        ({"pair": "we* api", "action": "deny"}, "Sources[0].Name: a wildcard stands for the whole"),
    ],
)
def test_what_cannot_be_said_is_refused(
    dashboard: Dashboard, form: dict[str, str], sentence: str
) -> None:
    answer = dashboard.post("/ui/do/put-intention", form)
    assert answer.status_code == 400
    assert sentence in toast(answer)["text"]


def test_a_token_changes_what_it_may_write_and_nothing_else(guarded: Dashboard) -> None:
    put(guarded, toward(allow("web", "api"), allow("web", "db")))
    writer = guarded.holding('service "api" { policy = "read" intentions = "write" }')
    form = {"action": "deny"}
    assert writer.post("/ui/do/put-intention", {"pair": "web api", **form}).status_code == 204
    assert writer.post("/ui/do/put-intention", {"pair": "web db", **form}).status_code == 403
    assert guarded.post("/ui/do/put-intention", {"pair": "web db", **form}).status_code == 303


def test_files_hold_whole_documents_that_bring_the_same_back(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api"), deny("*", "api"), allow("web", "db")))
    answer = dashboard.get("/ui/intentions/export?q=web&destination=api")
    assert answer["Content-Disposition"] == 'attachment; filename="intentions-api.yaml"'
    entry = dashboard.store.mesh.intentions.to("api")
    assert entry is not None
    assert read(answer.content.decode(), name="a.yaml") == Asked(entries=[entry])
    rows = json.loads(dashboard.get("/ui/intentions?format=json&q=db").content)
    assert [(row["source"], row["destination"], row["action"]) for row in rows] == [
        ("web", "db", "allow")
    ]


def test_files_hold_nothing_that_a_token_may_not_read(guarded: Dashboard) -> None:
    put(guarded, toward(allow("web", "api"), deny("*", "api"), allow("web", "db")))
    reader = guarded.holding('service "web" { policy = "read" intentions = "read" }')
    assert reader.get("/ui/intentions/export").content == b""


def test_what_services_and_people_write_is_text(dashboard: Dashboard) -> None:
    put(
        dashboard,
        toward(Intention(source="web", destination="api", description=PROBE, action="deny")),
    )
    html = dashboard.get("/ui/intentions").content.decode()
    assert "<img" not in html
    assert PROBE in text_of(html)


def test_empty_list_says_what_decides_and_what_to_do(dashboard: Dashboard) -> None:
    text = dashboard.text("/ui/intentions")
    assert "No intentions yet" in text
    assert "tulle intention create web api" in text
    put(dashboard, toward(allow("web", "api")))
    assert "No intention matches" in dashboard.text("/ui/intentions?q=nothing")
