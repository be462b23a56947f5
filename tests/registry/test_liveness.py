"""Which nodes are judged, and by what."""

from meshcore.mesh.apply import placed
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry import liveness
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node, Proxy
from meshcore.registry.view import Registry


def registry(*values: Node | Instance | Check) -> Registry:
    changes = [
        Change(Topic.NODE, (value.name,), None, value)
        if isinstance(value, Node)
        else Change(
            Topic.INSTANCE if isinstance(value, Instance) else Topic.CHECK, value.key, None, value
        )
        for value in values
    ]
    return placed(Mesh(), changes, index=1)[0].registry


def sidecar(node: str) -> Instance:
    return Instance(
        node=node,
        id="web-sidecar-proxy",
        service="web-sidecar-proxy",
        kind=CONNECT_PROXY,
        port=21000,
        proxy=Proxy(destination_service="web"),
    )


def test_agents_are_asked_for_heartbeats_and_other_nodes_for_their_sidecars_streams() -> None:
    found = registry(
        Node(name="agent", address="10.0.0.1", meta={"tulle-agent": "0.1.0"}),
        Node(name="agentless", address="10.0.0.2"),
        sidecar("agentless"),
        Node(name="bare", address="10.0.0.3"),
        Instance(node="bare", id="web", service="web"),
        Node(name="server", address="10.0.0.4", meta={"consul-network-segment": ""}),
        sidecar("server"),
    )
    assert liveness.judged(found) == {"agent": 20.0, "agentless": 300.0}


def test_only_nodes_that_are_unreachable_are_to_go() -> None:
    found = registry(
        Node(name="gone", address="10.0.0.1"),
        Check(node="gone", id="serfHealth", name="Serf Health Status", status="critical"),
        Node(name="there", address="10.0.0.2"),
        Check(node="there", id="serfHealth", name="Serf Health Status", status="passing"),
        Node(name="unknown", address="10.0.0.3"),
        Check(node="unknown", id="disk", name="disk", status="critical"),
    )
    assert liveness.unreachable(found, for_s=60) == {"gone": 60}
