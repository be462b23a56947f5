"""Changes that are made from a page: who may, what is said, and how they are taken back."""

import json
from functools import partial
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from meshcore.actions import intentions, registry
from meshcore.registry.types import Node
from tests.dashboard.asking import Dashboard, put
from tests.topology.meshes import allow, service, toward

WRITE_WEB = 'service "web" { policy = "write" } node_prefix "" { policy = "write" }'


def toast(answer: HttpResponse) -> Any:  # noqa: ANN401 any JSON
    return json.loads(answer["HX-Trigger"])["toast"]


def undo(browser: Dashboard, index: int, **form: str) -> HttpResponse:
    return browser.post("/ui/do/undo", {"index": str(index), **form})


def test_undo_takes_an_entry_back_and_can_be_undone_itself(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api")))
    action = partial(intentions.delete, source="web", destination="api")
    index = dashboard.write(action).index
    answer = undo(dashboard, index, reason=" by mistake ")
    assert answer.status_code == 204
    assert toast(answer) == {
        "text": "Undone: intention web → api created: allow",
        "kind": "done",
        "command": f"tulle undo {index}",
        "undo": index + 1,
    }
    assert dashboard.store.mesh.intentions.between("web", "api") is not None
    logged = dashboard.store.recent.newest_first()[0]
    assert (logged.index, logged.actor, logged.reason) == (index + 1, "anonymous", "by mistake")
    undo(dashboard, index + 1)
    assert dashboard.store.mesh.intentions.between("web", "api") is None


def test_what_has_changed_since_is_not_undone(dashboard: Dashboard) -> None:
    put(dashboard, service("web"))
    move = partial(registry.register_node, node=Node(name="node-1", address="10.0.0.2"))
    index = dashboard.write(move).index
    dashboard.write(partial(registry.register_node, node=Node(name="node-1", address="10.0.0.3")))
    answer = undo(dashboard, index)
    assert answer.status_code == 409
    assert toast(answer)["kind"] == "error"
    assert f"change {index + 1} has written node node-1 since" in toast(answer)["text"]


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({}, 400, "index is missing"),
        ({"index": "x"}, 400, '"x" is no number of a change'),
        ({"index": "99"}, 404, "there is no change 99"),
        ({"index": "1", "reason": "a" * 501}, 400, "the reason is longer than 500 characters"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_toast(
    dashboard: Dashboard, form: dict[str, str], status: int, sentence: str
) -> None:
    put(dashboard, service("web"))
    answer = dashboard.post("/ui/do/undo", form)
    assert (answer.status_code, toast(answer)["text"]) == (status, sentence)
    assert answer.content == b""


def test_what_a_token_may_not_change_it_may_not_undo_and_nothing_is_told(
    guarded: Dashboard,
) -> None:
    index = put(guarded, toward(allow("web", "api"))).index
    writer = guarded.holding(WRITE_WEB)
    answer = undo(writer, index)
    assert answer.status_code == 403
    assert "lacks permission 'intention:write' on \"api\"" in toast(answer)["text"]
    assert guarded.store.mesh.intentions.between("web", "api") is not None


def test_who_is_not_logged_in_any_more_is_led_to_the_login_and_back(guarded: Dashboard) -> None:
    page = "http://testserver/ui/services?q=web"
    answer = guarded.client.post(
        "/ui/do/undo", headers={"HX-Request": "true", "HX-Current-URL": page}
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/ui/login?next=%2Fui%2Fservices%3Fq%3Dweb"


def test_change_that_no_page_of_ours_asked_for_is_refused(dashboard: Dashboard) -> None:
    index = put(dashboard, service("web")).index
    answer = Client(enforce_csrf_checks=True).post("/ui/do/undo", {"index": str(index)})
    assert answer.status_code == 403
    assert dashboard.store.mesh.index == index


def test_nothing_is_done_by_a_get_or_by_a_verb_that_is_none(dashboard: Dashboard) -> None:
    assert dashboard.get("/ui/do/undo").status_code == 405
    answer = dashboard.post("/ui/do/explode", {})
    assert toast(answer)["text"] == 'nothing is called "explode" that could be done'
