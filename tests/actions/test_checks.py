from collections.abc import Iterable

import msgspec
import pytest

from meshcore.actions.checks import (
    deregister_check,
    register_check,
    set_check_status,
    set_maintenance,
)
from meshcore.actions.registry import register_service
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Check, CheckDefinition, Instance, Node, Status

NODE = Node(name="node-1", address="10.0.0.1")
WEB = Instance(node="node-1", id="web", service="web", port=80)
DB = Instance(node="node-1", id="db", service="db", port=5432)
TTL = Check(
    node="node-1",
    id="service:web",
    name="web",
    service_id="web",
    service="web",
    type="ttl",
    definition=CheckDefinition(ttl_s=10),
)
DISK = Check(node="node-1", id="disk", name="disk", definition=CheckDefinition(ttl_s=10))


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, tuple(changes), index=mesh.index + 1)


def with_sidecar() -> Mesh:
    changes = register_service(
        Mesh(),
        node=NODE,
        instance=WEB,
        checks=[TTL],
        sidecar=Instance(node="", id="", service=""),
    )
    return after(Mesh(), changes)


def alias(mesh: Mesh) -> tuple[Status, str]:
    check = mesh.registry.check(("node-1", "service:web-sidecar-proxy:2"))
    assert check is not None
    return check.status, check.output


def told(mesh: Mesh, status: Status, *, check_id: str = "service:web") -> Mesh:
    changes = set_check_status(
        mesh, node="node-1", check_id=check_id, status=status, output="because"
    )
    return after(mesh, changes)


def test_alias_follows_in_the_same_log_entry() -> None:
    mesh = with_sidecar()
    assert alias(mesh)[0] == "critical"
    mesh = told(mesh, "passing")
    assert alias(mesh) == ("passing", "All checks passing.")
    mesh = told(mesh, "warning")
    assert alias(mesh) == ("warning", 'Aliased check "web" failing: because')


def test_alias_follows_the_checks_of_the_node_too() -> None:
    mesh = told(with_sidecar(), "passing")
    mesh = after(mesh, register_check(mesh, DISK))
    assert alias(mesh)[0] == "critical"
    mesh = told(mesh, "passing", check_id="disk")
    assert alias(mesh)[0] == "passing"


def test_alias_follows_checks_that_come_and_go() -> None:
    mesh = told(with_sidecar(), "passing")
    mesh = after(
        mesh, set_maintenance(mesh, node="node-1", service_id="web", is_enabled=True, reason="")
    )
    assert alias(mesh)[0] == "critical"
    mesh = after(mesh, deregister_check(mesh, node="node-1", check_id="_service_maintenance:web"))
    assert alias(mesh)[0] == "passing"


def test_alias_of_an_unknown_service_is_critical_until_it_is_there() -> None:
    mesh = after(Mesh(), register_service(Mesh(), node=NODE, instance=WEB))
    follower = Check(
        node="node-1",
        id="needs-db",
        name="needs db",
        status="passing",
        service_id="web",
        definition=CheckDefinition(alias_node="node-1", alias_service="db"),
    )
    mesh = after(mesh, register_check(mesh, follower))
    found = mesh.registry.check(follower.key)
    assert found is not None
    assert (found.status, found.output) == ("critical", "Service db could not be found")
    mesh = after(mesh, register_service(mesh, node=NODE, instance=DB))
    found = mesh.registry.check(follower.key)
    assert found is not None
    assert (found.status, found.output) == ("passing", "All checks passing.")


def test_status_that_is_no_other_is_no_change() -> None:
    mesh = told(with_sidecar(), "passing")
    again = set_check_status(
        mesh, node="node-1", check_id="service:web", status="passing", output="other words"
    )
    assert list(again) == []


def test_check_takes_name_and_tags_of_its_service_and_keeps_its_status() -> None:
    mesh = told(with_sidecar(), "passing")
    renamed = msgspec.structs.replace(TTL, name="alive", service="", status="critical")
    before = mesh.registry.check(TTL.key)
    (change,) = register_check(mesh, renamed)
    assert before is not None
    assert change == Change(
        Topic.CHECK, TTL.key, before, msgspec.structs.replace(before, name="alive")
    )
    assert list(register_check(after(mesh, [change]), renamed)) == []


def test_maintenance_begins_once_and_ends_once() -> None:
    mesh = with_sidecar()
    on = list(set_maintenance(mesh, node="node-1", is_enabled=True, reason="new disk"))
    maintenance = Check(
        node="node-1",
        id="_node_maintenance",
        name="Node Maintenance Mode",
        notes="new disk",
        type="maintenance",
    )
    assert on[0] == Change(Topic.CHECK, maintenance.key, None, maintenance)
    under = after(mesh, on)
    assert list(set_maintenance(under, node="node-1", is_enabled=True, reason="")) == []
    off = list(set_maintenance(under, node="node-1", is_enabled=False, reason=""))
    assert off[0] == Change(Topic.CHECK, maintenance.key, maintenance, None)


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(NotFoundError, match='Unknown check ID "x"'):
        set_check_status(Mesh(), node="node-1", check_id="x", status="passing", output="")
    with pytest.raises(NotFoundError, match='ServiceID "web" does not exist'):
        register_check(Mesh(), TTL)
    with pytest.raises(NotFoundError, match='Unknown service ID "web"'):
        set_maintenance(Mesh(), node="node-1", service_id="web", is_enabled=True, reason="")
    assert list(deregister_check(Mesh(), node="node-1", check_id="x")) == []
