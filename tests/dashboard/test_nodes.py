"""The list of nodes, and what takes nodes and instances out of service."""

import json

from dashboard.nodes import NodeRow, nodes
from meshcore.registry.health import NODE_MAINTENANCE
from meshcore.registry.types import Node
from tests.dashboard.asking import Dashboard, asking, holder
from tests.topology.meshes import NODE, change, mesh
from tests.topology.meshes import service as registered

OTHER = Node(name="node-2", address="10.0.0.2", meta={"rack": "a"})
MESH = mesh([OTHER], registered("web"), registered("api", has_sidecar=False))
ONE = NodeRow(
    name="node-1",
    health="passing",
    address="10.0.0.1",
    instances=2,
    sidecars=1,
    services=("api", "web"),
    meta={},
    id="",
)
TWO = NodeRow(
    name="node-2",
    health="passing",
    address="10.0.0.2",
    instances=0,
    sidecars=0,
    services=(),
    meta={"rack": "a"},
    id="",
)


def test_every_node_is_a_row() -> None:
    page = nodes(asking(MESH))
    assert page.listing is not None
    assert list(page.listing.rows) == [ONE, TWO]


def test_a_token_sees_the_nodes_and_services_that_it_may_read() -> None:
    rules = 'node "node-1" { policy = "read" } service "web" { policy = "read" }'
    page = nodes(asking(MESH, caller=holder(rules)))
    assert page.listing is not None
    assert [(row.name, row.services) for row in page.listing.rows] == [("node-1", ("web",))]
    assert page.is_filtered
    assert page.context["writable"] == set()


def filled(dashboard: Dashboard) -> Dashboard:
    values = [NODE, OTHER, *registered("web"), *registered("api")]
    dashboard.write(lambda mesh: [change(value) for value in values])
    return dashboard


def test_nodes_go_into_maintenance_together_and_back(dashboard: Dashboard) -> None:
    filled(dashboard)
    both: dict[str, str | list[str]] = {
        "node": ["node-1", "node-2"],
        "enable": "true",
        "reason": "new kernel",
    }
    answer = dashboard.post("/ui/do/maintenance", both)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["text"] == "2 nodes are now in maintenance"
    checks = dashboard.store.mesh.registry.checks
    notes = [checks[name, NODE_MAINTENANCE].value.notes for name in ("node-1", "node-2")]
    assert notes == ["new kernel", "new kernel"]
    dashboard.post("/ui/do/undo", {"index": str(toast["undo"])})
    assert ("node-1", NODE_MAINTENANCE) not in dashboard.store.mesh.registry.checks


def test_of_several_nodes_all_are_deregistered_or_none(dashboard: Dashboard) -> None:
    filled(dashboard)
    answer = dashboard.post("/ui/do/deregister", {"node": ["node-2", "node-3"]})
    assert answer.status_code == 404
    assert "no node is called node-3" in answer.headers["HX-Trigger"]
    assert "node-2" in dashboard.store.mesh.registry.nodes
    dashboard.post("/ui/do/deregister", {"node": ["node-2"]})
    assert "node-2" not in dashboard.store.mesh.registry.nodes


def test_an_instance_is_deregistered_with_its_sidecar_and_the_page_is_left(
    dashboard: Dashboard,
) -> None:
    filled(dashboard)
    form = {"node": "node-1", "service_id": "web-1", "leave": "yes"}
    answer = dashboard.post("/ui/do/deregister", form)
    assert answer.headers["Tulle-Go-To"] == "/ui/services"
    left = sorted(key[1] for key in dashboard.store.mesh.registry.instances)
    assert left == ["api-1", "api-1-sidecar-proxy", "web-1-sidecar-proxy"]


def test_who_may_not_write_a_node_changes_none(guarded: Dashboard) -> None:
    reader = filled(guarded).holding('node_prefix "" { policy = "read" }')
    answer = reader.post("/ui/do/maintenance", {"node": "node-1", "enable": "true"})
    assert answer.status_code == 403
    assert ("node-1", NODE_MAINTENANCE) not in guarded.store.mesh.registry.checks
