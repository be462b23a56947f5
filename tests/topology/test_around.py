"""What a service calls and who calls it is what the whole graph says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.topology.around import around, naming, visible
from meshcore.topology.graph import visible as visible_graph
from meshcore.topology.graph import whole
from tests.topology.meshes import allow, deny, mesh, service, toward

MESH = mesh(
    service("web", calls=["api"]),
    service("api", calls=["db"]),
    service("db"),
    toward(allow("web", "api"), deny("web", "db"), deny("*", "db")),
)
NAMES = ("web", "api", "db")


@pytest.mark.parametrize("name", NAMES)
def test_the_edges_of_a_service_are_those_of_the_graph(name: str) -> None:
    graph = whole(MESH, default_allow=False)
    found = around(MESH, name, default_allow=False)
    assert found.upstreams == tuple(each for each in graph.edges if each.source == name)
    assert found.downstreams == tuple(each for each in graph.edges if each.destination == name)


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
def test_a_caller_sees_the_edges_that_the_graph_shows(
    services: set[str], intentions: set[str]
) -> None:
    rights = {"may_see": services.__contains__, "may_see_intentions": intentions.__contains__}
    graph = visible_graph(whole(MESH, default_allow=False), **rights)
    found = visible(around(MESH, "api", default_allow=False), **rights)
    assert found.upstreams == tuple(each for each in graph.edges if each.source == "api")
    assert found.downstreams == tuple(each for each in graph.edges if each.destination == "api")
    assert found.hidden == 2 - len(found.upstreams) - len(found.downstreams)


def test_the_intentions_from_a_service_are_those_that_name_it() -> None:
    named = naming(MESH.intentions, "web")
    assert [(each.source, each.destination) for each in named] == [("web", "api"), ("web", "db")]
