import pytest

from meshcore.lib.errors import InvalidError
from meshcore.registry.checks import (
    check_definition,
    check_id,
    deregister_after_s,
    next_status,
    type_of,
)
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CheckDefinition, Status


def test_only_check_of_an_instance_has_no_number() -> None:
    assert check_id("web") == "service:web"
    assert check_id("web", 2) == "service:web:2"


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        (CheckDefinition(http="http://web/", interval_s=1), "http"),
        (CheckDefinition(tcp="web:80", interval_s=1), "tcp"),
        (CheckDefinition(ttl_s=10), "ttl"),
        (CheckDefinition(alias_node="node-1", alias_service="web"), "alias"),
    ],
)
def test_type_follows_from_the_definition(definition: CheckDefinition, kind: str) -> None:
    check_definition(definition)
    assert type_of(definition) == kind


@pytest.mark.parametrize(
    "definition",
    [
        CheckDefinition(),
        CheckDefinition(http="http://web/"),
        CheckDefinition(ttl_s=-1),
        CheckDefinition(script_args=("true",), interval_s=1),
        CheckDefinition(tcp="web:80", interval_s=1, timeout_s=-1),
    ],
)
def test_check_that_nobody_could_run_is_refused(definition: CheckDefinition) -> None:
    with pytest.raises(InvalidError, match="Invalid check: "):
        check_definition(definition)


@pytest.mark.parametrize(
    ("probed", "successes", "failures", "status"),
    [
        ("passing", 1, 0, "critical"),
        ("passing", 2, 0, "passing"),
        ("warning", 2, 0, "warning"),
        ("critical", 0, 1, "critical"),
    ],
)
def test_recovery_needs_as_many_successes_in_a_row_as_asked_for(
    probed: Status, successes: int, failures: int, status: Status
) -> None:
    definition = CheckDefinition(success_before_passing=2)
    found = next_status(
        current="critical",
        probed=probed,
        successes=successes,
        failures=failures,
        definition=definition,
    )
    assert found == status


@pytest.mark.parametrize(
    ("failures", "status"), [(1, "passing"), (2, "warning"), (3, "warning"), (4, "critical")]
)
def test_failures_warn_before_they_are_critical(failures: int, status: Status) -> None:
    definition = CheckDefinition(failures_before_warning=2, failures_before_critical=4)
    found = next_status(
        current="passing", probed="critical", successes=0, failures=failures, definition=definition
    )
    assert found == status


def test_critical_service_is_given_a_minute_at_least() -> None:
    assert deregister_after_s(CheckDefinition()) == 0
    assert deregister_after_s(CheckDefinition(deregister_critical_after_s=5)) == 60
    assert deregister_after_s(CheckDefinition(deregister_critical_after_s=90)) == 90


def test_heartbeat_puts_the_deadline_off() -> None:
    key, heartbeats = ("node-1", "web"), Heartbeats()
    assert heartbeats.deadline_s(key, ttl_s=10, known_since_s=100) == 110
    heartbeats.hear(key, output="well", now_s=105)
    assert heartbeats.deadline_s(key, ttl_s=10, known_since_s=100) == 115
    assert heartbeats.output(key, "") == "well"
    heartbeats.forget(key)
    assert heartbeats.deadline_s(key, ttl_s=10, known_since_s=100) == 110
