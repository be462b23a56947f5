"""What follows from a probe's result, and when the next one is due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.checking.deciding import Counts, Judged, is_probed_here, judge, next_turn
from meshcore.mesh.apply import placed
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Check, CheckDefinition, Node, Status

EVERY_10S = CheckDefinition(http="http://web/", interval_s=10)
PATIENT = CheckDefinition(
    http="http://web/",
    interval_s=10,
    success_before_passing=2,
    failures_before_warning=1,
    failures_before_critical=3,
)


@pytest.mark.parametrize(
    ("definition", "current", "probed", "counts", "expected"),
    [
        pytest.param(
            EVERY_10S, "critical", "passing", Counts(), Judged(Counts(1, 0), "passing", None),
            id="a success counts at once",
        ),
        pytest.param(
            EVERY_10S, "passing", "critical", Counts(9, 0), Judged(Counts(0, 1), "critical", 1.0),
            id="so does a failure, and is looked at again soon",
        ),
        pytest.param(
            EVERY_10S, "critical", "critical", Counts(0, 3), Judged(Counts(0, 4), "critical", 8.0),
            id="then ever later",
        ),
        pytest.param(
            EVERY_10S, "critical", "critical", Counts(0, 9),
            Judged(Counts(0, 10), "critical", None),
            id="but never later than its interval",
        ),
        pytest.param(
            PATIENT, "critical", "passing", Counts(), Judged(Counts(1, 0), "critical", None),
            id="until there are enough successes the status stays",
        ),
        pytest.param(
            PATIENT, "passing", "critical", Counts(5, 0), Judged(Counts(0, 1), "warning", 1.0),
            id="some failures are a warning",
        ),
        pytest.param(
            PATIENT, "warning", "critical", Counts(0, 2), Judged(Counts(0, 3), "critical", 4.0),
            id="enough of them are critical",
        ),
    ],
)  # fmt: skip
def test_what_a_result_comes_to(
    definition: CheckDefinition, current: Status, probed: Status, counts: Counts, expected: Judged
) -> None:
    found = judge(definition, current=current, probed=probed, counts=counts, checks=1)
    assert found == expected


def test_among_many_checks_a_critical_one_is_looked_at_less_soon() -> None:
    found = judge(EVERY_10S, current="passing", probed="critical", counts=Counts(), checks=1_000)
    assert found.again_in_s == 5.0


@given(
    now_s=st.floats(0, 2e9),
    interval_s=st.floats(1, 86_400),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_turns_are_between_half_an_interval_and_one_and_a_half_away(
    now_s: float, interval_s: float, chance: float
) -> None:
    wait_s = next_turn(now_s=now_s, interval_s=interval_s, chance=chance) - now_s
    assert interval_s / 2 - 1e-3 <= wait_s <= interval_s * 1.5 + 1e-3


def test_a_check_keeps_its_turns_whenever_it_was_late() -> None:
    turns = [next_turn(now_s=now_s, interval_s=10, chance=0.3) for now_s in (3, 7.9, 8.1, 14)]
    assert turns == [13, 13, 23, 23]


def test_a_node_with_an_agent_runs_its_checks_itself() -> None:
    check = Check(node="n", id="web", name="web", type="http", definition=EVERY_10S)
    alone, with_agent = (
        placed(Mesh(), [Change(Topic.NODE, ("n",), None, node)], index=1)[0].registry
        for node in (
            Node(name="n", address="10.0.0.1"),
            Node(name="n", address="10.0.0.1", meta={"tulle-agent": "0.1.0"}),
        )
    )
    assert is_probed_here(alone, check)
    assert not is_probed_here(with_agent, check)
