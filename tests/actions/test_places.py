"""Where services stand in the graph: the layout moves nobody, people pin."""

from math import inf

import pytest

from meshcore.actions.places import pin, settle, unpin
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.apply import apply
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Instance

HERE = Place(x=0, y=0)
THERE = Place(x=220, y=0)


def with_places(**places: Place) -> Mesh:
    return apply(Mesh(), [new(name, place) for name, place in places.items()], index=1)


def new(service: str, place: Place) -> Change:
    return Change(Topic.PLACE, (service,), None, place)


def test_who_has_no_place_gets_the_one_that_was_found() -> None:
    assert [*settle(Mesh(), {"web": HERE, "api": THERE})] == [new("web", HERE), new("api", THERE)]


def test_who_has_a_place_by_now_keeps_it_and_its_spot() -> None:
    found = {"web": THERE, "api": HERE, "db": Place(x=440, y=0)}
    assert [*settle(with_places(web=HERE), found)] == [new("db", Place(x=440, y=0))]


def test_pinning_is_kept_and_unpinning_leaves_it_there() -> None:
    mesh = with_places(web=HERE)
    pinned = Place(x=5.5, y=-7, is_pinned=True)
    change = Change(Topic.PLACE, ("web",), HERE, pinned)
    assert [*pin(mesh, "web", x=5.5, y=-7)] == [change]
    mesh = apply(mesh, [change], index=2)
    assert [*pin(mesh, "web", x=5.5, y=-7)] == []
    assert [*unpin(mesh, "web")] == [Change(Topic.PLACE, ("web",), pinned, Place(x=5.5, y=-7))]


def test_a_registered_service_may_be_pinned_before_it_has_a_place() -> None:
    web = Instance(node="node-1", id="web-1", service="web")
    mesh = apply(Mesh(), [Change(Topic.INSTANCE, web.key, None, web)], index=1)
    assert [*pin(mesh, "web", x=1, y=2)] == [new("web", Place(x=1, y=2, is_pinned=True))]


@pytest.mark.parametrize(
    ("x", "sentence"),
    [(inf, "x is inf: it must be within 1000000 pixels"), (-2e6, "x is -2000000.0: it must be")],
)
def test_nothing_is_pinned_out_of_sight(x: float, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        [*pin(with_places(web=HERE), "web", x=x, y=0)]


def test_what_is_not_in_the_graph_is_not_pinned() -> None:
    with pytest.raises(NotFoundError, match="no service web is in the graph"):
        [*pin(Mesh(), "web", x=0, y=0)]
    with pytest.raises(NotFoundError, match="no service web has a place in the graph"):
        [*unpin(Mesh(), "web")]
