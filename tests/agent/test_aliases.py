"""Alias checks of what is on other nodes."""

from meshcore.agent.aliases import elsewhere, state_of
from meshcore.agent.reconcile import State
from meshcore.lib.records import Record
from meshcore.probes.types import Outcome
from meshcore.registry.types import Check, CheckDefinition, Instance, Node
from meshcore.registry.view import Registry

DB = Instance(node="other", id="db", service="db")
UP = Check(node="other", id="up", name="up", status="warning", output="slow", service_id="db")
HERE = Check(node="host-1", id="a", name="a", definition=CheckDefinition(alias_node="host-1"))
THERE = Check(
    node="host-1",
    id="b",
    name="b",
    definition=CheckDefinition(alias_node="other", alias_service="db"),
)


def test_only_those_of_other_nodes_are_asked_for() -> None:
    registry = Registry()
    for check in (HERE, THERE):
        registry = registry.with_check(check.key, Record(check, 1, 1))
    assert elsewhere(registry, "host-1") == {"other": [THERE]}


def test_an_alias_follows_what_the_catalog_says() -> None:
    node = Node(name="other", address="10.0.0.2")
    found = State(node=node, instances={"db": DB}, checks={"up": UP})
    assert state_of(THERE, found) == Outcome("warning", 'Aliased check "up" failing: slow')
    assert state_of(THERE, State()) == Outcome("critical", "Service db could not be found")
