"""One service: how it is, who calls it and whom it calls, and all that is configured for it."""

from functools import partial

import msgspec

from dashboard import traffic
from dashboard.health_rows import CheckRow, check_rows, concerning, health
from dashboard.node import InstanceRow, SidecarRow, instance_row
from dashboard.pages import Page, PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.certificates.inventory import leaves_of
from meshcore.intentions.precedence import ordered, rank
from meshcore.intentions.types import Intention
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import CONNECT_PROXY, Instance, InstanceKey
from meshcore.store.callers import Caller
from meshcore.topology.around import Around, around, naming, visible
from meshcore.topology.live import by_checks
from meshcore.topology.services import is_sidecar_of, known, own_instances
from meshcore.topology.types import Edge
from meshcore.traffic.health import judged

# The entries that are about one service, in the order in which a request meets them.
KINDS = ("service-defaults", "service-router", "service-splitter", "service-resolver")

WATCH_KEYS = (
    watch.INSTANCES,
    watch.CHECKS,
    watch.NODES,
    watch.ALL_INTENTIONS,
    watch.CONFIG_ENTRIES,
)


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One edge from where the page stands: `other` is the service at its far end."""

    other: str
    edge: Edge
    is_known: bool

    @property
    def verdict(self) -> str:
        return f"default-{self.edge.verdict}" if self.edge.by_default else self.edge.verdict


class IntentionRow(msgspec.Struct, frozen=True):
    source: str
    destination: str
    says: str
    permissions: int
    description: str
    precedence: int


def service(request: PageRequest) -> Page:
    name, mesh, caller = request.arguments["name"], request.mesh, request.caller
    caller.require(RuleKind.SERVICE, Access.READ, name)
    calls = calls_of(request, name)
    sight = Sight(caller.authorizer)
    toward = [each for each in ordered(mesh.intentions.covering(name)) if sight.intention(each)]
    sources = [each for each in naming(mesh.intentions, name) if sight.intention(each)]
    if not is_spoken_of(mesh, name) and not (calls.upstreams or calls.downstreams or sources):
        raise NotFoundError(f"no service is called {name}, and nothing speaks of one")
    instances = own_instances(mesh.registry, name)
    seen = [each for each in instances if sight.node(each.node)]
    proxies = sidecars(request, name)
    vertex = known(mesh, name).vertex
    reaching = request.facts.traffic.vertices(now_s=request.now.timestamp()).get(name)
    return Page(
        template="dashboard/service.html",
        title=name,
        context={
            "vertex": vertex,
            "health": judged(by_checks(vertex), reaching),
            "traffic": traffic.charted(request, name),
            "callers_now": traffic.callers(request, name),
            "called_now": traffic.called(request, name),
            "denials": traffic.denials(request, name) if may_read_intentions(caller, name) else (),
            "instances": [instance_row(mesh, each, proxies.get(each.key)) for each in seen],
            "checks": failing(mesh, seen, request.facts.heartbeats),
            "upstreams": [call_row(mesh, each.destination, each) for each in calls.upstreams],
            "downstreams": [call_row(mesh, each.source, each) for each in calls.downstreams],
            "toward": [intention_row(each) for each in toward],
            "from": [intention_row(each) for each in sources],
            "may_read_intentions": may_read_intentions(caller, name),
            "may_write_intentions": caller.may(RuleKind.INTENTION, Access.WRITE, name),
            "allow_line": f"tulle intention create --allow SOURCE {name}",
            "entries": entries_of(mesh, name),
            "leaves": leaves_of(mesh.certificates, name, now=request.now),
            "meta": merged_meta(instances),
        },
        watch_keys=(*WATCH_KEYS, watch.leaf(name)),
        is_filtered=sight.has_hidden or calls.hidden > 0,
        refresh=traffic.REFRESH,
    )


def is_spoken_of(mesh: Mesh, name: str) -> bool:
    """Whether anything is kept under this name."""
    registry = mesh.registry
    kept = registry.of_service(name) or registry.toward(name) or mesh.intentions.to(name)
    return bool(kept or entries_of(mesh, name))


def entries_of(mesh: Mesh, name: str) -> list[str]:
    return [kind for kind in KINDS if mesh.config_entries.entry(kind, name)]


def calls_of(request: PageRequest, name: str) -> Around:
    caller = request.caller
    return visible(
        around(request.mesh, name, default_allow=request.facts.default_allow),
        may_see=partial(caller.may, RuleKind.SERVICE, Access.READ),
        may_see_intentions=partial(may_read_intentions, caller),
    )


def may_read_intentions(caller: Caller, destination: str) -> bool:
    return caller.may(RuleKind.INTENTION, Access.READ, destination)


def call_row(mesh: Mesh, other: str, edge: Edge) -> CallRow:
    return CallRow(other=other, edge=edge, is_known=bool(mesh.registry.of_service(other)))


def intention_row(intention: Intention) -> IntentionRow:
    return IntentionRow(
        source=intention.source,
        destination=intention.destination,
        says="conditional" if intention.permissions else intention.action or "deny",
        permissions=len(intention.permissions),
        description=intention.description,
        precedence=rank(intention),
    )


def sidecars(request: PageRequest, name: str) -> dict[InstanceKey, SidecarRow]:
    """By the instance that each stands beside."""
    connected = request.facts.connected()
    registry = request.mesh.registry
    own = own_instances(registry, name)
    found: dict[InstanceKey, SidecarRow] = {}
    for record in registry.toward(name).values():
        proxy = record.value
        if proxy.kind == CONNECT_PROXY:
            row = SidecarRow(proxy.id, proxy.service, proxy.key in connected)
            found |= {each.key: row for each in own if is_sidecar_of(proxy, each)}
    return found


def failing(
    mesh: Mesh, instances: list[Instance], heard: Heartbeats
) -> list[tuple[InstanceRow, list[CheckRow]]]:
    """The instances that are not well, each with the checks that say so."""
    rows = []
    for instance in instances:
        records = concerning(mesh.registry, instance)
        if health(records) != "passing":
            wrong = [row for row in check_rows(records, heard) if row.status != "passing"]
            rows.append((instance_row(mesh, instance), wrong))
    return rows


def merged_meta(instances: list[Instance]) -> list[tuple[str, str]]:
    """Each key with all the values that instances have for it."""
    values: dict[str, dict[str, None]] = {}
    for instance in instances:
        for key, value in instance.meta.items():
            values.setdefault(key, {})[value] = None
    return [(key, ", ".join(found)) for key, found in sorted(values.items())]
