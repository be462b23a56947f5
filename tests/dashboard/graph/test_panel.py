"""What slides over beside the picture, and to whom it says what."""

import pytest

from dashboard.graph.page import graph
from dashboard.graph.panel import CallRow, Why, panel
from dashboard.service import IntentionRow
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller
from meshcore.topology.types import Deciding, Edge
from tests.dashboard.asking import FACTS, NOW, asking, holder
from tests.topology.meshes import allow, deny, mesh, service, toward

MESH = mesh(
    service("web", calls=["api"], meta={"group": "shop"}),
    service("api", calls=["db"], status="critical", meta={"group": "shop"}),
    service("db", meta={"group": "data"}),
    toward(allow("web", "api"), deny("*", "db"), deny("web", "db")),
)
ONLY_SERVICES = 'service_prefix "" { policy = "read" intentions = "deny" }'
DRAWN = FACTS.graphs.live(MESH, ANYBODY.authorizer, now_s=NOW.timestamp())
EDGES = {each.key: each for each in DRAWN.edges}


def shown(params: dict[str, str], *, caller: Caller = ANYBODY) -> dict[str, object]:
    return dict(panel(asking(MESH, caller=caller, params=tuple(params.items()))).context)


def rows(context: dict[str, object], name: str) -> list[tuple[str, Edge]]:
    found = context[name]
    assert isinstance(found, list)
    return [(row.other, row.edge) for row in found]


def test_a_service_has_its_calls_both_ways_and_who_may_call_it() -> None:
    context = shown({"service": "db"})
    assert rows(context, "callers") == [
        ("api", EDGES["api", "db"]),
        ("web", EDGES["web", "db"]),
    ]
    assert rows(context, "calls") == []
    assert context["toward"] == [
        IntentionRow("web", "db", "deny", 0, "", 9),
        IntentionRow("*", "db", "deny", 0, "", 8),
    ]


def test_a_call_says_what_decides_it() -> None:
    context = shown({"source": "api", "destination": "db"})
    assert context["edge"] == EDGES["api", "db"]
    assert context["verdict"] == "deny"
    why = context["why"]
    assert isinstance(why, Why)
    assert why.found.intention == Deciding("*", "db", 8)


def test_the_calls_between_two_groups_are_listed() -> None:
    context = shown({"source_group": "shop", "destination_group": "data"})
    assert context["rows"] == [
        CallRow(edge=EDGES["api", "db"], other=""),
        CallRow(edge=EDGES["web", "db"], other=""),
    ]


def test_the_calls_between_a_service_and_a_group_are_listed() -> None:
    context = shown({"source": "web", "destination_group": "data"})
    assert context["rows"] == [CallRow(edge=EDGES["web", "db"], other="")]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        pytest.param({"service": "cache"}, "no service cache is in the graph", id="service"),
        pytest.param(
            {"source": "db", "destination": "web"}, "no call from db to web is known", id="call"
        ),
        pytest.param(
            {"source_group": "shop", "destination_group": "ops"},
            "no service is in a group ops",
            id="group",
        ),
        pytest.param(
            {"source_group": "data", "destination_group": "shop"},
            "nothing in data calls anything in shop",
            id="no call between groups",
        ),
    ],
)
def test_what_is_not_in_the_picture_is_not_found(params: dict[str, str], sentence: str) -> None:
    with pytest.raises(NotFoundError, match=sentence):
        shown(params)


def test_a_question_about_nothing_is_refused() -> None:
    with pytest.raises(InvalidError, match="name a service, or both ends of a call"):
        shown({"source": "web"})


def test_without_the_right_to_read_intentions_a_call_says_nothing_of_them() -> None:
    context = shown({"source": "api", "destination": "db"}, caller=holder(ONLY_SERVICES))
    assert (context["verdict"], context["why"]) == ("unknown", None)
    with pytest.raises(NotFoundError):  # no proxy declares it, and the intention is not to be read
        shown({"source": "web", "destination": "db"}, caller=holder(ONLY_SERVICES))


def test_who_may_not_read_a_service_does_not_find_it() -> None:
    with pytest.raises(NotFoundError, match="no service db is in the graph"):
        shown({"service": "db"}, caller=holder('service "web" { policy = "read" }'))


def test_the_page_says_that_something_is_hidden() -> None:
    some = graph(asking(MESH, caller=holder('service "web" { policy = "read" }')))
    assert (graph(asking(MESH)).is_filtered, some.is_filtered) == (False, True)


def test_a_mesh_without_services_is_empty() -> None:
    assert graph(asking(Mesh())).context == {"is_empty": True}
