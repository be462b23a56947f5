from hypothesis import given
from hypothesis import strategies as st

from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.apply import apply, record_of, restored
from meshcore.mesh.encoding import decode_changes, encode_changes
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Node
from tests.mesh.strategies import ACTION_STEPS, Step, action

NODE = Node(name="node-1", address="10.0.0.1")
MOVED = Node(name="node-1", address="10.0.0.2")


def put(before: Node | None, after: Node | None) -> Change:
    return Change(Topic.NODE, ("node-1",), before, after)


def test_a_value_keeps_the_index_of_its_creation_and_takes_that_of_its_last_change() -> None:
    mesh = apply(Mesh(), [put(None, NODE)], index=1)
    mesh = apply(mesh, [put(NODE, MOVED)], index=2)
    assert record_of(mesh, Topic.NODE, ("node-1",)) == Record(MOVED, 1, 2)


def test_a_value_that_comes_back_is_new() -> None:
    mesh = apply(Mesh(), [put(None, NODE)], index=1)
    mesh = apply(mesh, [put(NODE, None)], index=2)
    mesh = apply(mesh, [put(None, NODE)], index=3)
    assert record_of(mesh, Topic.NODE, ("node-1",)) == Record(NODE, 3, 3)


def test_the_mesh_before_stays_as_it_was() -> None:
    before = apply(Mesh(), [put(None, NODE)], index=1)
    apply(before, [put(NODE, None)], index=2)
    assert before.registry.node("node-1") == NODE


def test_a_change_touches_its_keys_and_no_other() -> None:
    mesh = apply(Mesh(floor=4), [put(None, NODE)], index=7)
    assert dict(mesh.touched) == dict.fromkeys(
        (watch.ANYTHING, watch.NODES, watch.node("node-1")), 7
    )
    assert mesh.touched_at([watch.node("node-2")]) == 4


def test_to_delete_what_is_not_there_changes_nothing_but_the_index() -> None:
    mesh = apply(Mesh(), [put(NODE, None)], index=1)
    assert mesh.registry == Mesh().registry


@given(st.lists(ACTION_STEPS, max_size=8))
def test_replaying_what_was_written_as_json_ends_in_the_same_mesh(writes: list[list[Step]]) -> None:
    mesh, log = Mesh(), []
    for index, steps in enumerate(writes, start=1):
        changes = tuple(action(steps)(mesh))
        mesh = apply(mesh, changes, index=index)
        log.append(encode_changes(changes))
    replayed = Mesh()
    for index, text in enumerate(log, start=1):
        replayed = apply(replayed, decode_changes(text), index=index)
    assert replayed == mesh


@given(st.lists(ACTION_STEPS, max_size=8))
def test_values_put_back_with_their_indexes_make_the_same_mesh(writes: list[list[Step]]) -> None:
    mesh = Mesh()
    for index, steps in enumerate(writes, start=1):
        mesh = apply(mesh, action(steps)(mesh), index=index)
    again = Mesh(index=mesh.index, touched=mesh.touched)
    for place in {(step.topic, step.key) for steps in writes for step in steps}:
        if record := record_of(mesh, *place):
            again = restored(again, *place, record)
    assert again == mesh
