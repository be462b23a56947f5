"""Where services stand: by the order of calls, never two on one spot, and for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.actions import places as actions
from meshcore.lib.records import Record
from meshcore.mesh.apply import apply
from meshcore.mesh.places import Place, Places
from meshcore.mesh.types import Change, Mesh, Topic, Value
from meshcore.registry.types import Instance
from meshcore.topology.graph import whole
from meshcore.topology.layering import Calls, layers
from meshcore.topology.layout import arranged
from meshcore.topology.packing import COLUMN, ROW, Cell
from meshcore.topology.placing import missing, placed
from tests.topology.meshes import change, drawn, mesh, service

NAMES = [f"s{number}" for number in range(12)]
REGISTERED = st.builds(
    lambda name, calls, group: service(name, calls=calls, meta={"group": group}),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), max_size=4),
    st.sampled_from(["", "shop", "pay"]),
)
SERVICES = st.lists(REGISTERED, max_size=12)

WEB, API, DB = service("web", calls=["api"]), service("api", calls=["db"]), service("db")


def settled(before: Mesh) -> Mesh:
    found = missing(whole(before, default_allow=False), before.places)
    return apply(before, actions.settle(before, found), index=before.index + 1)


def joined_by(before: Mesh, services: list[list[Value]]) -> Mesh:
    """The mesh after these were registered and got their places."""
    changes = [change(value) for values in services for value in values]
    return settled(apply(before, changes, index=before.index + 1))


def standing(mesh: Mesh) -> dict[str, Place]:
    return {name: record.value for name, record in mesh.places.by_service.items()}


def cells(mesh: Mesh) -> dict[str, Cell]:
    return {
        name: (round(place.x / COLUMN), round(place.y / ROW))
        for name, place in standing(mesh).items()
    }


def service_of(values: list[Value]) -> str:
    assert isinstance(values[0], Instance)
    return values[0].service


@given(SERVICES)
def test_no_two_services_stand_on_one_cell(services: list[list[Value]]) -> None:
    graph = drawn(*services)
    found = arranged(graph)
    assert set(found) == {vertex.service for vertex in graph.vertices}
    assert len(set(found.values())) == len(found)


@given(SERVICES, SERVICES)
def test_nobody_moves_when_others_come(first: list[list[Value]], second: list[list[Value]]) -> None:
    before = settled(mesh(*first))
    after = joined_by(before, second)
    assert standing(before).items() <= standing(after).items()
    assert len(set(cells(after).values())) == len(cells(after))
    assert missing(whole(after, default_allow=False), after.places) == {}


@given(SERVICES)
def test_the_order_of_registration_is_of_no_account(services: list[list[Value]]) -> None:
    by_name = {service_of(values): values for values in services}
    assert arranged(drawn(*by_name.values())) == arranged(drawn(*reversed(by_name.values())))


@pytest.mark.parametrize(
    ("calls", "columns"),
    [
        pytest.param({}, [["a", "b", "c", "d"]], id="nobody calls"),
        pytest.param({"a": ["b"], "b": ["c"]}, [["a"], ["b"], ["c"]], id="a chain"),
        pytest.param({"a": ["b", "c"], "b": ["c"]}, [["a"], ["b"], ["c"]], id="the longest way"),
        pytest.param(
            {"a": ["b"], "b": ["c"], "d": ["c"]}, [["a"], ["b", "d"], ["c"]], id="close to callees"
        ),
        pytest.param({"a": ["b"], "b": ["a", "c"]}, [["b"], ["a", "c"]], id="a cycle"),
    ],
)
def test_callers_stand_left_of_whom_they_call(calls: Calls, columns: list[list[str]]) -> None:
    names = sorted({*calls, *(to for callees in calls.values() for to in callees)}) or list("abcd")
    assert [sorted(column) for column in layers(names, calls)] == columns


def test_a_chain_stands_in_one_row() -> None:
    assert cells(settled(mesh(WEB, API, DB))) == {"web": (0, 0), "api": (1, 0), "db": (2, 0)}


def test_crossings_are_taken_away() -> None:
    straight = {"a": "x", "b": "y", "c": "z", "d": "u"}
    found = arranged(
        drawn(
            *(service(name, calls=[to]) for name, to in straight.items()),
            service("all", calls=["a", "b", "c", "d"]),
        )
    )
    assert all(found[name][1] == found[to][1] for name, to in straight.items())


def test_who_calls_nobody_stands_in_a_grid() -> None:
    found = arranged(drawn(*(service(f"s{number:02}") for number in range(16))))
    assert [found[f"s{number:02}"] for number in (0, 1, 3, 4, 15)] == [
        (0, 0),
        (1, 0),
        (3, 0),
        (0, 1),
        (3, 3),
    ]


def test_a_hundred_services_that_one_calls_are_no_endless_column() -> None:
    callees = [f"s{number:03}" for number in range(100)]
    found = arranged(drawn(service("web", calls=callees), *map(service, callees)))
    assert max(found.values())[0] == 9
    assert max(row for _, row in found.values()) == 11


def test_groups_stand_side_by_side_in_the_order_of_calls() -> None:
    found = arranged(
        drawn(
            service("db", meta={"group": "data"}),
            service("api", calls=["db"], meta={"group": "shop"}),
            service("web", calls=["api"], meta={"group": "shop"}),
        )
    )
    assert found == {"web": (0, 0), "api": (1, 0), "db": (4, 0)}


def test_a_long_row_of_groups_goes_on_below() -> None:
    names = [f"s{number}" for number in range(6)]
    chain = zip(names, [*names[1:], "end"], strict=True)
    callers = [service(name, calls=[to], meta={"group": f"g-{name}"}) for name, to in chain]
    found = arranged(drawn(*callers, service("end", meta={"group": "g-end"})))
    assert [found[name] for name in (*names, "end")] == [
        (0, 0),
        (3, 0),
        (6, 0),
        (0, 3),
        (3, 3),
        (0, 6),
        (3, 6),
    ]


def test_a_newcomer_stands_beside_its_neighbours() -> None:
    before = settled(mesh(WEB, API, DB))
    assert cells(joined_by(before, [service("cache"), service("web", calls=["cache"], number=2)]))[
        "cache"
    ] == (1, -1)
    assert cells(joined_by(before, [service("edge", calls=["web"])]))["edge"] == (-1, 0)


def test_a_new_group_stands_for_itself() -> None:
    before = settled(mesh(WEB, API, DB))
    pay = {"group": "pay"}
    after = joined_by(before, [service("bank", calls=["db"], meta=pay), service("card", meta=pay)])
    assert {name: cells(after)[name] for name in ("bank", "card")} == {
        "bank": (0, 3),
        "card": (0, 4),
    }


def test_what_was_pinned_before_anything_stood_is_left_alone() -> None:
    pinned = Place(x=COLUMN, y=0, is_pinned=True)
    before = mesh(WEB, API, DB)
    before = apply(before, [Change(Topic.PLACE, ("db",), None, pinned)], index=2)
    assert cells(settled(before)) == {"db": (1, 0), "web": (0, 0), "api": (1, -1)}


def test_a_service_that_comes_back_stands_where_it_stood() -> None:
    first = settled(mesh(WEB, API, DB))
    gone = apply(
        first,
        [Change(each.topic, each.key, each.after, None) for each in map(change, DB)],
        index=first.index + 1,
    )
    assert standing(settled(gone)) == standing(first)


def test_the_graph_takes_what_is_kept_and_what_is_new() -> None:
    graph = drawn(WEB)
    web = Place(x=3, y=4, is_pinned=True)
    kept = Places().with_place("web", Record(web, create_index=1, modify_index=1))
    found = placed(graph, kept, {"api": Place(x=1, y=2)})
    assert [(each.service, each.x, each.y, each.is_pinned) for each in found.vertices] == [
        ("api", 1, 2, False),
        ("web", 3, 4, True),
    ]
