"""The list of services."""

from collections import Counter

import msgspec
from msgspec.structs import replace

from dashboard import traffic
from dashboard.pages import Page, PageRequest
from dashboard.remembering import ServiceRows
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.registry.health import Health
from meshcore.topology.live import said
from meshcore.topology.services import known as known_of
from meshcore.topology.services import own_instances
from meshcore.traffic.health import Judged, judged
from meshcore.traffic.types import EdgeTraffic

BY_HEALTH = ("critical", "warning", "unknown", "passing")  # the worst first


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    name: str
    health: Health
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
    health_reason: str = ""
    rate: float | None = None
    error_ratio: float | None = None
    p95_ms: float | None = None
    is_stale: bool = False

    @property
    def words(self) -> str:
        return " ".join((self.name, *self.tags)).lower()

    @property
    def says_of_checks(self) -> str:
        return said(self.health, self.instances, getattr(self, self.health, 0))

    @property
    def reason(self) -> str:
        """Why its health is what it is."""
        return self.health_reason or self.says_of_checks

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
    named = intentions_naming(mesh, sight)
    rows = [
        replace(row, intentions=named[row.name]) if row.name in named else row
        for row in seen_rows(request, sight)
    ]
    listed = listing(SERVICES, rows, request.params, has_hidden=sight.has_hidden)
    return Page(
        template="dashboard/services.html",
        title="Services",
        context={"listing": listed},
        watch_keys=(watch.INSTANCES, watch.CHECKS, watch.CONFIG_ENTRIES, watch.ALL_INTENTIONS),
        is_filtered=sight.has_hidden,
        refresh=traffic.REFRESH,
        listing=listed,
    )


def seen_rows(request: PageRequest, sight: Sight) -> list[ServiceRow]:
    """What the caller may see, with what reaches it now."""
    known = ROWS.of(request.mesh)
    reaching = request.facts.traffic.vertices(now_s=request.now.timestamp())
    return [with_traffic(known[name], reaching.get(name)) for name in sight.services(known)]


def with_traffic(row: ServiceRow, reaching: EdgeTraffic | None) -> ServiceRow:
    if reaching is None:
        return row
    found = judged(Judged(row.health, row.says_of_checks), reaching)
    return replace(
        row,
        health=found.health,
        health_reason=found.reason,
        rate=reaching.rate,
        error_ratio=reaching.error_ratio,
        p95_ms=reaching.p95_ms,
        is_stale=reaching.is_stale,
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
        Column(
            name="rate",
            label="Calls",
            value=lambda row: row.rate,
            sort=lambda row: row.rate or 0.0,
            is_number=True,
            is_optional=True,
        ),
        Column(
            name="errors",
            label="Errors",
            value=lambda row: row.error_ratio,
            sort=lambda row: row.error_ratio or 0.0,
            is_number=True,
            is_optional=True,
        ),
        Column(
            name="p95",
            label="p95",
            value=lambda row: row.p95_ms,
            sort=lambda row: row.p95_ms or 0.0,
            is_number=True,
            is_optional=True,
        ),
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
