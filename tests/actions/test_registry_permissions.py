"""`web` runs on node-1 with a sidecar; a token for one service must not reach another by an id."""

from typing import Any

import pytest

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.actions import registry as actions
from meshcore.actions.registry_permissions import (
    of_owner,
    to_register,
    to_register_check,
    to_register_service,
)
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Mesh
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node, Proxy

NODE = Node(name="node-1", address="10.0.0.1", id="11111111-1111-4111-8111-111111111111")
KNOWN = Node(name="node-1", address="10.0.0.1")  # as clients send it along, without its id
MOVED = Node(name="node-1", address="10.0.0.9")
RENAMED = Node(name="node-9", address="10.0.0.1", id=NODE.id)
WEB = Instance(node="node-1", id="web-1", service="web")
API = Instance(node="node-1", id="api-1", service="api")
API_OVER_WEB = Instance(node="node-1", id="web-1", service="api")
PROXY = Instance(
    node="node-1",
    id="proxy-1",
    service="api-proxy",
    kind=CONNECT_PROXY,
    proxy=Proxy(destination_service="web"),
)
DISK = Check(node="node-1", id="disk", name="disk")
HTTP = Check(node="node-1", id="http", name="http", service_id="web-1", service="web")


def node(name: str = "node-1") -> Rule:
    return exactly(RuleKind.NODE, name, Access.WRITE)


def service(name: str) -> Rule:
    return exactly(RuleKind.SERVICE, name, Access.WRITE)


def check(check_id: str, *, service_id: str = "") -> Check:
    return Check(node="node-1", id=check_id, name=check_id, service_id=service_id)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    mesh = Mesh()
    changes = actions.register(mesh, node=NODE, instance=WEB, checks=[DISK, HTTP])
    return apply(mesh, changes, index=1)


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        pytest.param({"node": MOVED}, {node()}, id="a node that changes"),
        pytest.param({"node": KNOWN}, {node()}, id="a node alone, though nothing changes"),
        pytest.param({"node": Node(name="new", address="::1")}, {node("new")}, id="a new node"),
        pytest.param({"node": KNOWN, "instance": API}, {service("api")}, id="a known node"),
        pytest.param({"node": MOVED, "instance": API}, {node(), service("api")}, id="both of them"),
        pytest.param(
            {"node": MOVED, "instance": API, "keeps_node": True},
            {service("api")},
            id="a node that is to be left as it is",
        ),
        pytest.param(
            {"node": RENAMED, "instance": API},
            {node("node-9"), node("node-1"), service("api")},
            id="a node that takes the id of another",
        ),
        pytest.param(
            {"node": KNOWN, "instance": API_OVER_WEB},
            {service("api"), service("web")},
            id="an instance over one of another service",
        ),
        pytest.param(
            {"node": KNOWN, "instance": PROXY},
            {service("api-proxy"), service("web")},
            id="a proxy, to which the callers of web are sent",
        ),
        pytest.param({"node": KNOWN, "checks": [check("new")]}, {node()}, id="a node's check"),
        pytest.param(
            {"node": KNOWN, "checks": [check("new", service_id="web-1")]},
            {service("web")},
            id="a check of an instance that is there",
        ),
        pytest.param(
            {"node": KNOWN, "instance": API, "checks": [check("new", service_id="api-1")]},
            {service("api")},
            id="a check of the instance that comes with it",
        ),
        pytest.param(
            {"node": KNOWN, "instance": API, "checks": [check("http", service_id="api-1")]},
            {service("api"), service("web")},
            id="a check over one of another service",
        ),
        pytest.param(
            {"node": KNOWN, "checks": [check("new", service_id="nowhere")]},
            {node()},
            id="a check of an instance that is not there",
        ),
    ],
)
def test_registering_takes_a_rule_for_what_changes(
    mesh: Mesh, given: dict[str, Any], needed: set[Rule]
) -> None:
    assert set(to_register(mesh, **given)) == needed


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        pytest.param({"instance": API}, {service("api")}, id="an instance"),
        pytest.param(
            {"instance": API, "sidecar": Instance(node="", id="", service="")},
            {service("api"), service("api-sidecar-proxy")},
            id="a sidecar under its own name",
        ),
        pytest.param(
            {"instance": API, "sidecar": Instance(node="", id="", service="web")},
            {service("api"), service("web")},
            id="a sidecar under the name of another service",
        ),
        pytest.param(
            {"instance": API, "checks": [check("disk", service_id="api-1")]},
            {service("api"), node()},
            id="a check over the node's",
        ),
        pytest.param(
            {
                "instance": API,
                "sidecar": Instance(node="", id="", service=""),
                "sidecar_checks": [check("http", service_id="api-1-sidecar-proxy")],
            },
            {service("api"), service("api-sidecar-proxy"), service("web")},
            id="a sidecar's check over another service's",
        ),
    ],
)
def test_an_agent_s_registration_takes_a_rule_for_each_service(
    mesh: Mesh, given: dict[str, Any], needed: set[Rule]
) -> None:
    assert set(to_register_service(mesh, **given)) == needed


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        (check("new"), {node()}),
        (check("new", service_id="web-1"), {service("web")}),
        (check("disk", service_id="web-1"), {service("web"), node()}),
        (check("http"), {service("web"), node()}),
    ],
)
def test_a_check_takes_a_rule_for_what_it_is_about(
    mesh: Mesh, given: Check, needed: set[Rule]
) -> None:
    assert set(to_register_check(mesh, check=given)) == needed


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, (node(),)),
        ({"service_id": "web-1"}, (service("web"),)),
        ({"check_id": "http"}, (service("web"),)),
        ({"check_id": "disk"}, (node(),)),
        ({"service_id": "web-1", "check_id": "disk"}, (service("web"),)),
        ({"service_id": "nowhere"}, ()),
        ({"check_id": "nowhere"}, ()),
    ],
)
def test_what_is_there_belongs_to_its_service_or_its_node(
    mesh: Mesh, given: dict[str, str], needed: tuple[Rule, ...]
) -> None:
    assert of_owner(mesh, node="node-1", **given) == needed
