"""Which checks stand in which plan, and when."""

from collections import Counter

from meshcore.mesh.apply import placed
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Check, CheckDefinition, CheckKey, Node, Status
from meshcore.registry.view import Registry
from meshcore.tasks.planning import Corrections, corrections
from meshcore.tasks.sweeping import LONGEST_GAP_S, PATIENCE_S, patient_until

NOW_S = 1_000_000.0
EVERY_10S = CheckDefinition(http="http://web/", interval_s=10)


def check(name: str, definition: CheckDefinition, *, status: Status = "passing") -> Check:
    return Check(node="node-1", id=name, name=name, status=status, definition=definition,
                 service_id="web", service="web")  # fmt: skip


def registry(*checks: Check, meta: dict[str, str] | None = None) -> Registry:
    node = Node(name="node-1", address="10.0.0.1", meta=meta or {})
    changes = [Change(Topic.NODE, ("node-1",), None, node)]
    changes += [Change(Topic.CHECK, each.key, None, each) for each in checks]
    return placed(Mesh(), changes, index=1)[0].registry


def corrected(
    registry: Registry, *, probe: dict[CheckKey, float] | None = None
) -> dict[str, Corrections]:
    plans = {"probe": probe or {}, "expire": {}, "deregister": {}}
    return dict(corrections(registry, plans, now_s=NOW_S, slack_s=30))  # type: ignore[arg-type]


def test_each_check_stands_in_the_plans_that_concern_it() -> None:
    gone_in_2m = CheckDefinition(ttl_s=5, deregister_critical_after_s=120)
    found = corrected(
        registry(
            check("http", EVERY_10S),
            check("ttl", CheckDefinition(ttl_s=5)),
            check("script", CheckDefinition(script_args=("true",), interval_s=10)),
            check("alias", CheckDefinition(alias_node="node-1")),
            check("gone", gone_in_2m, status="critical"),
        )
    )
    assert set(found["probe"].put) == {("node-1", "http")}
    assert found["expire"].put == {("node-1", "ttl"): NOW_S + 5, ("node-1", "gone"): NOW_S + 5}
    assert found["deregister"].put == {("node-1", "gone"): NOW_S + 120}


def test_what_a_node_with_an_agent_has_is_in_none() -> None:
    with_agent = registry(check("http", EVERY_10S), meta={"tulle-agent": "0.1.0"})
    found = corrected(with_agent, probe={("node-1", "http"): NOW_S})
    assert found["probe"] == Corrections(gone=(("node-1", "http"),))


def test_times_that_stand_stay_and_impossible_ones_are_made_anew() -> None:
    known = registry(check("a", EVERY_10S), check("b", EVERY_10S))
    times = {("node-1", "a"): NOW_S + 9, ("node-1", "b"): NOW_S + 3600}
    assert set(corrected(known, probe=times)["probe"].put) == {("node-1", "b")}


def test_few_new_checks_run_within_a_second_and_ten_thousand_are_spread_over_the_interval() -> None:
    few = corrected(registry(*(check(f"{n}", EVERY_10S) for n in range(100))))["probe"].put
    assert all(NOW_S <= at <= NOW_S + 1 for at in few.values())
    many = corrected(registry(*(check(f"{n}", EVERY_10S) for n in range(10_000))))["probe"].put
    seconds = Counter(int(at - NOW_S) for at in many.values())
    assert set(seconds) == set(range(10))
    assert all(800 < count < 1200 for count in seconds.values())


def test_after_a_gap_nothing_expires_until_servers_have_said_what_they_heard() -> None:
    in_time = patient_until(swept_s=NOW_S - 1, patient_s=5.0, now_s=NOW_S)
    late = patient_until(swept_s=NOW_S - LONGEST_GAP_S - 1, patient_s=5.0, now_s=NOW_S)
    assert (in_time, late) == (5.0, NOW_S + PATIENCE_S)
