"""What the palette finds."""

import json

import pytest

from dashboard.palette import Entry, best, entries
from meshcore.store.callers import ANYBODY
from tests.dashboard.asking import Dashboard, holder
from tests.topology.meshes import allow, mesh, only_gets, service, toward

MESH = mesh(
    service("web", calls=["api"]),
    service("api", status="critical"),
    service("db"),
    toward(allow("web", "api"), only_gets("api", "db")),
)


def test_services_nodes_and_intentions_are_found() -> None:
    assert entries(MESH, ANYBODY, "") == [
        Entry("service", "api", "critical", "/ui/services/api"),
        Entry("service", "db", "passing", "/ui/services/db"),
        Entry("service", "web", "passing", "/ui/services/web"),
        Entry("node", "node-1", "10.0.0.1", "/ui/nodes/node-1"),
        Entry(
            "intention",
            "api → db",
            "depends on the request",
            "/ui/intentions/edit?destination=db&source=api",
        ),
        Entry("intention", "web → api", "allow", "/ui/intentions/edit?destination=api&source=web"),
        Entry("page", "Explain a call", "", "/ui/intentions/explain"),
        Entry("action", "Import intentions", "", "/ui/intentions/import"),
        Entry("action", "New intention", "", "/ui/intentions/new"),
        Entry("page", "Who may call whom", "", "/ui/intentions/matrix"),
    ]


def test_what_may_not_be_read_is_not_found() -> None:
    caller = holder('service "db" { policy = "read" }')
    found = ["db", "api → db", "Explain a call", "Who may call whom"]
    assert [entry.label for entry in entries(MESH, caller, "")] == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param("", ["api", "rapid", "web-api"], id="nothing typed"),
        pytest.param("api", ["api", "rapid", "web-api"], id="beginning before holding"),
        pytest.param("wa", ["web-api"], id="letters in order"),
        pytest.param("iw", [], id="letters in another order"),
    ],
)
def test_best_come_first(wanted: str, found: list[str]) -> None:
    assert best(wanted, ["web-api", "rapid", "api"]) == found


def test_palette_answers_who_is_logged_in(guarded: Dashboard) -> None:
    assert guarded.get("/ui/palette.json?q=x", hx_request="true").status_code == 401
    answer = guarded.holding("").get("/ui/palette.json?q=zz")
    assert json.loads(answer.content) == {"entries": []}
