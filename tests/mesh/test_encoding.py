from hypothesis import given

from meshcore.mesh.encoding import (
    decode_changes,
    decode_key,
    decode_value,
    encode_changes,
    encode_key,
    encode_value,
)
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Node
from tests.mesh.strategies import ACTION_STEPS, STEP, Step, action


@given(STEP.filter(lambda step: step.value is not None))
def test_a_value_of_any_topic_comes_back_equal(step: Step) -> None:
    assert step.value is not None
    assert decode_value(step.topic, encode_value(step.value)) == step.value
    assert decode_key(encode_key(step.key)) == step.key


@given(ACTION_STEPS)
def test_changes_come_back_equal(steps: list[Step]) -> None:
    changes = tuple(action(steps)(Mesh()))
    assert decode_changes(encode_changes(changes)) == changes


def test_a_log_entry_reads_like_this() -> None:
    node = Node(name="node-1", address="10.0.0.1")
    change = Change(Topic.NODE, ("node-1",), before=None, after=node)
    assert (
        encode_changes([change])
        == b'[["node",["node-1"],null,{"name":"node-1","address":"10.0.0.1"}]]'
    )
