from collections.abc import Iterable

import msgspec
import pytest

from meshcore.actions.registry import (
    announce,
    deregister_node,
    deregister_own_service,
    deregister_service,
    register,
    register_node,
    register_service,
)
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Check, CheckDefinition, Instance, Node

NODE_1 = Node(name="node-1", address="10.0.0.1", id="11111111-1111-4111-8111-111111111111")
NODE_2 = Node(name="node-2", address="10.0.0.2", id="22222222-2222-4222-8222-222222222222")
WEB = Instance(node="node-1", id="web", service="web", port=80)
ALIVE = Check(node="node-1", id="alive", name="alive", status="passing", service_id="web")
OWNED = msgspec.structs.replace(ALIVE, service="web")
SIDECAR = Instance(node="", id="", service="")


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, tuple(changes), index=mesh.index + 1)


def with_web() -> Mesh:
    return after(Mesh(), register(Mesh(), node=NODE_1, instance=WEB, checks=[ALIVE]))


def test_registration_puts_node_instance_and_check() -> None:
    changes = register(Mesh(), node=NODE_1, instance=WEB, checks=[ALIVE])
    assert list(changes) == [
        Change(Topic.NODE, ("node-1",), None, NODE_1),
        Change(Topic.INSTANCE, ("node-1", "web"), None, WEB),
        Change(Topic.CHECK, ("node-1", "alive"), None, OWNED),
    ]


def test_equal_registration_changes_nothing() -> None:
    mesh = with_web()
    assert list(register(mesh, node=NODE_1, instance=WEB, checks=[ALIVE])) == []
    assert list(announce(after(mesh, announce(mesh, NODE_1)), NODE_1)) == []


def test_node_is_left_alone_when_asked_for() -> None:
    moved = msgspec.structs.replace(NODE_1, address="10.9.9.9")
    assert list(register(with_web(), node=moved, keeps_node=True)) == []
    assert list(register(Mesh(), node=moved, keeps_node=True)) == [
        Change(Topic.NODE, ("node-1",), None, moved)
    ]


def test_node_without_an_id_keeps_the_one_it_has() -> None:
    nameless = msgspec.structs.replace(NODE_1, id="")
    assert list(register_node(with_web(), nameless)) == []


def test_known_id_under_a_new_name_replaces_the_old_node_with_all_it_has() -> None:
    renamed = msgspec.structs.replace(NODE_1, name="node-9")
    assert list(register_node(with_web(), renamed)) == [
        Change(Topic.CHECK, ("node-1", "alive"), OWNED, None),
        Change(Topic.INSTANCE, ("node-1", "web"), WEB, None),
        Change(Topic.NODE, ("node-1",), NODE_1, None),
        Change(Topic.NODE, ("node-9",), None, renamed),
    ]


def test_name_and_id_of_a_node_that_lives_are_not_taken_from_it() -> None:
    mesh = after(Mesh(), announce(Mesh(), NODE_1))
    with pytest.raises(InvalidError, match='already in use by the node "node-1"'):
        list(register_node(mesh, msgspec.structs.replace(NODE_1, name="node-9")))
    with pytest.raises(InvalidError, match='node name "node-1" is reserved'):
        list(register_node(mesh, msgspec.structs.replace(NODE_2, name="node-1")))


def test_check_of_an_unknown_instance_is_refused() -> None:
    with pytest.raises(InvalidError, match='Unknown service ID "web" for check ID "alive"'):
        list(register(Mesh(), node=NODE_1, checks=[ALIVE]))


def test_agent_s_registration_makes_the_sidecar_and_its_checks() -> None:
    mesh = after(Mesh(), register_service(Mesh(), node=NODE_1, instance=WEB, sidecar=SIDECAR))
    keys = [("node-1", "serfHealth")]
    keys += [("node-1", f"service:web-sidecar-proxy:{number}") for number in (1, 2)]
    assert sorted(mesh.registry.checks) == keys
    assert sorted(mesh.registry.instances) == [("node-1", "web"), ("node-1", "web-sidecar-proxy")]
    again = register_service(mesh, node=NODE_1, instance=WEB, sidecar=SIDECAR)
    assert list(again) == []


def test_sidecar_that_is_no_longer_asked_for_goes() -> None:
    mesh = after(Mesh(), register_service(Mesh(), node=NODE_1, instance=WEB, sidecar=SIDECAR))
    mesh = after(mesh, register_service(mesh, node=NODE_1, instance=WEB))
    assert sorted(mesh.registry.instances) == [("node-1", "web")]
    assert sorted(mesh.registry.checks) == [("node-1", "serfHealth")]


def test_registering_again_keeps_what_checks_have_found() -> None:
    ttl = Check(
        node="node-1",
        id="ttl",
        name="ttl",
        service_id="web",
        service="web",
        definition=CheckDefinition(ttl_s=9),
    )
    passing = msgspec.structs.replace(ttl, status="passing", output="well")
    mesh = after(Mesh(), register_service(Mesh(), node=NODE_1, instance=WEB, checks=[passing]))
    assert list(register_service(mesh, node=NODE_1, instance=WEB, checks=[ttl])) == []
    replacing = register_service(mesh, node=NODE_1, instance=WEB, replaces_checks=True)
    assert list(replacing) == [Change(Topic.CHECK, ("node-1", "ttl"), passing, None)]


def test_deregistering_a_service_takes_its_sidecar_and_their_checks() -> None:
    mesh = after(Mesh(), register_service(Mesh(), node=NODE_1, instance=WEB, sidecar=SIDECAR))
    mesh = after(mesh, deregister_service(mesh, node="node-1", service_id="web"))
    assert list(mesh.registry.instances) == []
    assert list(mesh.registry.checks) == [("node-1", "serfHealth")]


def test_deregistering_a_node_takes_everything_on_it() -> None:
    mesh = after(with_web(), deregister_node(with_web(), "node-1"))
    left = (mesh.registry.nodes, mesh.registry.instances, mesh.registry.checks)
    assert [dict(values) for values in left] == [{}, {}, {}]


def test_deregistering_what_is_gone_is_refused_to_agents_alone() -> None:
    assert list(deregister_service(Mesh(), node="node-1", service_id="db")) == []
    assert list(deregister_node(Mesh(), "node-9")) == []
    with pytest.raises(NotFoundError, match='Unknown service ID "db"'):
        deregister_own_service(Mesh(), node="node-1", service_id="db")
