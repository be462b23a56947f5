"""The list of services."""

from collections import Counter

import msgspec
from msgspec.structs import replace

from dashboard.pages import Page, PageRequest
from dashboard.remembering import ServiceRows
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.topology.services import known as known_of
from meshcore.topology.services import own_instances

BY_HEALTH = ("critical", "warning", "unknown", "passing")  # the worst first


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    name: str
    health: str
    kind: str
    instances: int
    passing: int
    warning: int
    critical: int
    sidecars: int
    protocol: str
    group: str
    tags: tuple[str, ...]
    meta: dict[str, str]
    external_source: str
    intentions: int = 0

    @property
    def words(self) -> str:
        return " ".join((self.name, *self.tags)).lower()

    @property
    def sidecar(self) -> str:
        """Whether all of its instances are in the mesh."""
        if self.sidecars >= self.instances:
            return "all" if self.sidecars else "none"
        return "some" if self.sidecars else "none"

    @property
    def sidecar_text(self) -> str:
        if self.sidecar == "some":
            return f"{self.sidecars} of {self.instances}"
        return self.sidecar

    @property
    def meta_pairs(self) -> list[str]:
        return [f"{key}={value}" for key, value in self.meta.items()]


def services(request: PageRequest) -> Page:
    mesh = request.mesh
    sight = Sight(request.caller.authorizer)
    known = ROWS.of(mesh)
    named = intentions_naming(mesh, sight)
    rows = [
        replace(known[name], intentions=named[name]) if name in named else known[name]
        for name in sight.services(known)
    ]
    listed = listing(SERVICES, rows, request.params, has_hidden=sight.has_hidden)
    return Page(
        template="dashboard/services.html",
        title="Services",
        context={"listing": listed},
        watch_keys=(watch.INSTANCES, watch.CHECKS, watch.CONFIG_ENTRIES, watch.ALL_INTENTIONS),
        is_filtered=sight.has_hidden,
        listing=listed,
    )


def intentions_naming(mesh: Mesh, sight: Sight) -> Counter[str]:
    """How many intentions name a service, on either side."""
    counts: Counter[str] = Counter()
    for record in mesh.intentions.by_destination.values():
        for intention in record.value.intentions:
            if sight.intention(intention):
                counts.update({intention.source, intention.destination})
    return counts


def service_row(mesh: Mesh, name: str) -> ServiceRow:
    seen = known_of(mesh, name).vertex
    meta: dict[str, str] = {}
    for instance in reversed(own_instances(mesh.registry, name)):
        meta |= instance.meta
    return ServiceRow(
        name=name,
        health=seen.health,
        kind=seen.kind,
        instances=seen.instances,
        passing=seen.passing,
        warning=seen.warning,
        critical=seen.critical,
        sidecars=seen.connected,
        protocol=seen.protocol,
        group=seen.group,
        tags=seen.tags,
        meta=meta,
        external_source=seen.external_source,
    )


def of_one_row(service: str) -> tuple[WatchKey, ...]:
    return watch.service(service), watch.destination(service), watch.CONFIG_ENTRIES


ROWS = ServiceRows(service_row, of_one_row)
SERVICES: Table[ServiceRow] = Table(
    one="service",
    many="services",
    row_type=ServiceRow,
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Name", value=lambda row: row.name),
        Column(
            name="health",
            label="Health",
            value=lambda row: row.health,
            sort=lambda row: (BY_HEALTH.index(row.health), -row.critical, -row.warning),
        ),
        Column(
            name="instances", label="Instances", value=lambda row: row.instances, is_number=True
        ),
        Column(name="kind", label="Kind", value=lambda row: row.kind),
        Column(name="sidecar", label="Sidecars", value=lambda row: row.sidecars),
        Column(name="protocol", label="Protocol", value=lambda row: row.protocol),
        Column(
            name="intentions", label="Intentions", value=lambda row: row.intentions, is_number=True
        ),
        Column(name="tags", label="Tags", value=lambda row: row.tags),
        Column(name="group", label="Group", value=lambda row: row.group, is_optional=True),
        Column(name="meta", label="Meta", value=lambda row: row.meta_pairs, is_optional=True),
        Column(
            name="source",
            label="Registered by",
            value=lambda row: row.external_source,
            is_optional=True,
        ),
    ),
    facets=(
        Facet(name="status", label="Status", values=lambda row: (row.health,)),
        Facet(name="kind", label="Kind", values=lambda row: (row.kind,)),
        Facet(name="sidecar", label="Sidecars", values=lambda row: (row.sidecar,)),
        Facet(name="protocol", label="Protocol", values=lambda row: (row.protocol,)),
        Facet(name="tag", label="Tag", values=lambda row: row.tags),
        Facet(name="meta", label="Meta", values=lambda row: row.meta_pairs),
    ),
    none_yet=Empty(
        title="No services yet",
        text="Nothing is registered. Register a service, and it appears here at once.",
        line="tulle register web.hcl",
        icon_name="services",
    ),
)
