import msgspec
import pytest

from meshcore.checking.agenda import Agenda, Tracked
from meshcore.lib.records import Record
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import Check, CheckDefinition, Instance, Status
from meshcore.registry.view import Registry

WEB = Instance(node="node-1", id="web", service="web")
TCP = Check(
    node="node-1",
    id="tcp",
    name="tcp",
    service_id="web",
    type="tcp",
    definition=CheckDefinition(tcp="127.0.0.1:80", interval_s=10),
)
TTL = Check(
    node="node-1",
    id="ttl",
    name="ttl",
    status="passing",
    service_id="web",
    type="ttl",
    definition=CheckDefinition(ttl_s=10, deregister_critical_after_s=60),
)


def registry(*checks: Check) -> Registry:
    found = Registry().with_instance(WEB.key, Record(WEB, 1, 1))
    for check in checks:
        found = found.with_check(check.key, Record(check, 1, 1))
    return found


def following(*checks: Check) -> Agenda:
    agenda = Agenda(node="node-1", heartbeats=Heartbeats())
    agenda.follow(registry(*checks), now_s=100, chance=0.5)
    return agenda


def steps(agenda: Agenda, *, now_s: float) -> list[tuple[str, str]]:
    return [(due.step, due.tracked.check.id) for due in agenda.due(now_s=now_s, most=10)]


def test_first_probe_is_at_a_random_moment_of_the_first_second() -> None:
    agenda = following(TCP)
    assert agenda.next_s() == 100.5
    assert steps(agenda, now_s=100.4) == []
    assert steps(agenda, now_s=100.5) == [("probe", "tcp")]


@pytest.mark.parametrize(
    ("results", "next_s"),
    [
        (["passing"], 110),
        (["critical"], 101),
        (["critical"] * 3, 104),
        (["critical"] * 6, 110),
        (["critical", "critical", "passing"], 110),
    ],
)
def test_critical_check_is_looked_at_again_soon_and_then_less_so(
    results: list[Status], next_s: float
) -> None:
    agenda = following(TCP)
    (due,) = agenda.due(now_s=101, most=10)
    for status in results:
        agenda.heap.clear()
        agenda.probed(due.tracked, status, now_s=100)
    assert agenda.next_s() == next_s


def test_heartbeat_keeps_a_ttl_check_and_silence_ends_it() -> None:
    agenda = following(TTL)
    agenda.heartbeats.hear(TTL.key, output="", now_s=105)
    (due,) = agenda.due(now_s=110, most=10)
    assert (due.step, agenda.has_expired(due.tracked, now_s=110)) == ("expire", False)
    (due,) = agenda.due(now_s=115, most=10)
    assert (due.step, agenda.has_expired(due.tracked, now_s=115)) == ("expire", True)


def test_check_that_is_critical_for_long_takes_its_service() -> None:
    agenda = following(msgspec.structs.replace(TTL, status="critical"))
    agenda.due(now_s=159, most=10)
    (due,) = agenda.due(now_s=160, most=10)
    assert (due.step, agenda.is_to_go(due.tracked, now_s=160)) == ("deregister", True)


def test_recovery_stays_the_deregistration() -> None:
    agenda = following(msgspec.structs.replace(TTL, status="critical"))
    agenda.follow(registry(TTL), now_s=150, chance=0)
    last = agenda.due(now_s=200, most=10)[-1]
    assert (last.step, agenda.is_to_go(last.tracked, now_s=200)) == ("deregister", False)


def test_check_that_is_gone_or_another_now_is_not_run_as_it_was() -> None:
    agenda = following(TCP)
    agenda.follow(registry(), now_s=101, chance=0)
    assert steps(agenda, now_s=200) == []
    agenda = following(TCP)
    elsewhere = CheckDefinition(tcp="127.0.0.1:81", interval_s=10)
    changed = msgspec.structs.replace(TCP, definition=elsewhere)
    agenda.follow(registry(changed), now_s=101, chance=0)
    (due,) = agenda.due(now_s=200, most=10)
    assert due.tracked.check == changed


def test_too_much_at_once_is_late() -> None:
    checks = [msgspec.structs.replace(TCP, id=f"tcp-{number}") for number in range(5)]
    agenda = following(*checks)
    assert len(agenda.due(now_s=102, most=3)) == 3
    assert len(agenda.due(now_s=102, most=3)) == 2


def test_thresholds_hold_the_status() -> None:
    definition = CheckDefinition(tcp="x:1", interval_s=10, failures_before_critical=2)
    tracked = Tracked(
        msgspec.structs.replace(TCP, status="passing", definition=definition), now_s=0
    )
    agenda = Agenda(node="node-1", heartbeats=Heartbeats())
    assert agenda.probed(tracked, "critical", now_s=0) == "passing"
    assert agenda.probed(tracked, "critical", now_s=0) == "critical"
