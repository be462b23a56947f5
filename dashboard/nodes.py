"""The list of nodes, with what may be done with many of them at once."""

import msgspec

from dashboard.health_rows import health
from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.types import CONNECT_PROXY

BY_HEALTH = ("critical", "maintenance", "warning", "passing")  # the worst first


class NodeRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    name: str
    health: str
    address: str
    instances: int
    sidecars: int
    services: tuple[str, ...]
    meta: dict[str, str]
    id: str

    @property
    def words(self) -> str:
        return " ".join((self.name, self.address, *self.services)).lower()

    @property
    def meta_pairs(self) -> list[str]:
        return [f"{key}={value}" for key, value in self.meta.items() if value]


def nodes(request: PageRequest) -> Page:
    caller = request.caller
    sight = Sight(caller.authorizer)
    names = sorted(request.mesh.registry.nodes)
    rows = [node_row(request.mesh, name, sight) for name in names if sight.node(name)]
    listed = listing(NODES, rows, request.params, has_hidden=sight.has_hidden)
    writable = {
        row.name for row in listed.rows if caller.may(RuleKind.NODE, Access.WRITE, row.name)
    }
    return Page(
        template="dashboard/nodes.html",
        title="Nodes",
        context={"listing": listed, "writable": writable},
        watch_keys=(watch.NODES, watch.INSTANCES, watch.CHECKS),
        is_filtered=sight.has_hidden,
        listing=listed,
    )


def node_row(mesh: Mesh, name: str, sight: Sight) -> NodeRow:
    registry = mesh.registry
    node = registry.nodes[name].value
    instances = [record.value for record in registry.on_node(name).values()]
    services = sorted({each.service for each in instances if each.kind != CONNECT_PROXY})
    return NodeRow(
        name=name,
        health=health(registry.checks_of_node(name).values()),
        address=node.address,
        instances=sum(each.kind != CONNECT_PROXY for each in instances),
        sidecars=sum(each.kind == CONNECT_PROXY for each in instances),
        services=tuple(sight.services(services)),
        meta=node.meta,
        id=node.id,
    )


NODES: Table[NodeRow] = Table(
    one="node",
    many="nodes",
    row_type=NodeRow,
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Name", value=lambda row: row.name),
        Column(
            name="health",
            label="Health",
            value=lambda row: row.health,
            sort=lambda row: BY_HEALTH.index(row.health),
        ),
        Column(name="address", label="Address", value=lambda row: row.address),
        Column(
            name="instances", label="Instances", value=lambda row: row.instances, is_number=True
        ),
        Column(name="sidecars", label="Sidecars", value=lambda row: row.sidecars, is_number=True),
        Column(name="services", label="Services", value=lambda row: row.services),
        Column(name="meta", label="Meta", value=lambda row: row.meta_pairs, is_optional=True),
        Column(name="id", label="ID", value=lambda row: row.id, is_optional=True),
    ),
    facets=(
        Facet(name="status", label="Status", values=lambda row: (row.health,)),
        Facet(name="service", label="Service", values=lambda row: row.services),
        Facet(name="meta", label="Meta", values=lambda row: row.meta_pairs),
    ),
    none_yet=Empty(
        title="No nodes yet",
        text="A node is there as soon as something is registered on it.",
        line="tulle register web.hcl",
        icon_name="nodes",
    ),
)
