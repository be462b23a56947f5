"""The graph of a store's mesh: drawn once, shared by rights, with places that are kept."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from meshcore.acl.authorizer import UNRESTRICTED, compiled
from meshcore.acl.rules import Access, RuleKind, exactly
from meshcore.mesh import watch
from meshcore.mesh.apply import record_of
from meshcore.mesh.types import Change, Mesh, Value
from meshcore.store.graphs import Graphs
from meshcore.store.log import newest
from meshcore.store.store import Store
from tests.store.acting import put
from tests.store.databases import Database
from tests.topology.meshes import change, service

WEB, API, DB = service("web", calls=["api"]), service("api", calls=["db"]), service("db")
ONLY_WEB = compiled([[exactly(RuleKind.SERVICE, "web", Access.READ)]], default_allow=False)


def registering(*groups: Iterable[Value]) -> Callable[[Mesh], Iterator[Change]]:
    def action(mesh: Mesh) -> Iterator[Change]:
        for group in groups:
            for value in group:
                new = change(value)
                before = record_of(mesh, new.topic, new.key)
                yield Change(new.topic, new.key, before.value if before else None, value)

    return action


@pytest.fixture
def store(sqlite: Database, opened: Callable[..., Store]) -> Store:
    store = opened(sqlite)
    store.write_from_thread(registering(WEB, API, DB), actor="test")
    return store


@pytest.fixture
def graphs(store: Store) -> Graphs:
    return Graphs(store, default_allow=False)


def positions(graphs: Graphs, store: Store) -> dict[str, tuple[float, float]]:
    graph = graphs.of(store.mesh, UNRESTRICTED)
    return {vertex.service: (vertex.x, vertex.y) for vertex in graph.vertices}


def test_services_stand_where_they_will_be_kept(store: Store, graphs: Graphs) -> None:
    index = store.mesh.index
    before = positions(graphs, store)
    assert len(set(before.values())) == 3
    mesh = store.wait_from_thread([watch.PLACES], after=index, timeout_s=60)
    assert set(mesh.places.by_service) == {"web", "api", "db"}
    assert positions(graphs, store) == before


def test_the_layout_writes_one_entry_under_its_own_name(
    sqlite: Database, store: Store, graphs: Graphs
) -> None:
    index = store.mesh.index
    for _ in range(3):
        positions(graphs, store)
    store.write_from_thread(put("last"), actor="test")
    positions(graphs, store)
    written = newest(limit=2, alias=sqlite.alias)
    assert [(entry.index, entry.actor) for entry in written] == [
        (index + 2, "test"),
        (index + 1, "layout"),
    ]
    assert len(written[1].changes) == 3


def test_who_has_the_same_rights_shares_a_drawing(store: Store, graphs: Graphs) -> None:
    one, other = graphs.of(store.mesh, ONLY_WEB), graphs.of(store.mesh, ONLY_WEB)
    assert [vertex.service for vertex in one.vertices] == ["web"]
    assert one.hidden == 2
    assert one.vertices is other.vertices


def test_what_does_not_concern_the_graph_leaves_it_alone(store: Store, graphs: Graphs) -> None:
    index = store.mesh.index
    graphs.of(store.mesh, UNRESTRICTED)
    store.wait_from_thread([watch.PLACES], after=index, timeout_s=60)
    graph = graphs.of(store.mesh, UNRESTRICTED)
    store.write_from_thread(put("node-2"), actor="test")
    again = graphs.of(store.mesh, UNRESTRICTED)
    assert again.index == graph.index + 1
    assert again.vertices is graph.vertices


def test_an_older_mesh_has_its_own_graph(store: Store, graphs: Graphs) -> None:
    before = store.mesh
    store.write_from_thread(registering(service("new")), actor="test")
    assert len(graphs.of(store.mesh, UNRESTRICTED).vertices) == 4
    old = graphs.of(before, UNRESTRICTED)
    assert (old.index, len(old.vertices)) == (before.index, 3)
