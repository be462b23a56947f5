"""Which nodes are judged alive or not, by what, and for how long one waits for a sign of life."""

from collections.abc import Mapping

from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import CONNECT_PROXY, Node
from meshcore.registry.view import Registry

AGENT_META = "tulle-agent"  # in the meta of a node whose checks an agent runs: its version
INTERVAL_S = 5.0  # at which an agent is to send its heartbeat
MISSED_AFTER_S = 20.0
# Proxies go on without a control plane, and come back after its restart: what is gone for long is
# the host.
NO_STREAM_AFTER_S = 300.0

ALIVE = "Agent alive and reachable"
NO_HEARTBEAT = "Agent not live or unreachable: it has sent no heartbeat for 20 s"
CONNECTED = "A sidecar of this node is connected"
NO_STREAM = "No sidecar of this node has been connected for 5 minutes: its host may be gone"
SERVER_META = "consul-network-segment"  # in the meta of a server's own node


def has_agent(node: Node | None) -> bool:
    return node is not None and AGENT_META in node.meta


def judged(registry: Registry) -> Mapping[str, float]:
    """The nodes that are judged, each with the patience that one has with it.

    Agents send heartbeats. Other nodes are judged by the streams of their sidecars; one without a
    sidecar gives no sign of life, so nobody can tell.
    """
    found: dict[str, float] = {}
    for name, record in registry.nodes.items():
        if has_agent(record.value):
            found[name] = MISSED_AFTER_S
        elif SERVER_META not in record.value.meta and _has_sidecar(registry, name):
            found[name] = NO_STREAM_AFTER_S
    return found


def unreachable(registry: Registry, *, for_s: float) -> Mapping[str, float]:
    """The nodes that go, with all that is on them, when they stay so for this long."""
    return {name: for_s for name in registry.nodes if is_critical(registry, name)}


def is_critical(registry: Registry, node: str) -> bool:
    check = registry.check((node, SERF_HEALTH))
    return check is not None and check.status == "critical"


def _has_sidecar(registry: Registry, node: str) -> bool:
    return any(record.value.kind == CONNECT_PROXY for record in registry.on_node(node).values())
