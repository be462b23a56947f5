"""Where one begins: what is still to be done, what is unhealthy, what expires, what has changed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from heapq import nsmallest

import msgspec

from dashboard import traffic
from dashboard.change_rows import ChangeRow, row_of
from dashboard.health_rows import health
from dashboard.pages import Page, PageRequest
from dashboard.services import BY_HEALTH, ServiceRow, seen_rows
from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.permissions import to_read
from meshcore.certificates.holders import holder
from meshcore.certificates.inventory import HeldLeaf, KnownRoot, held, inventory
from meshcore.certificates.view import Certificates
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Change, Mesh

MOST = 8  # of anything that is listed here; all of it is a page away
REFRESH = timedelta(seconds=10)  # traffic passes, and certificates grow old, by themselves


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do at the beginning, with how it is done, and then with what came of it."""

    label: str
    is_done: bool
    outcome: str
    note: str = ""
    line: str = ""


class Sick(msgspec.Struct, frozen=True):
    """A service or a node that is not well; `text` says how far."""

    name: str
    status: str
    text: str
    is_node: bool = False


class Refused(msgspec.Struct, frozen=True):
    destination: str
    attempt: traffic.DenialRow


def overview(request: PageRequest) -> Page:
    mesh, sight = request.mesh, Sight(request.caller.authorizer)
    rows = seen_rows(request, sight)
    nodes = {name: node_health(mesh, name) for name in mesh.registry.nodes if sight.node(name)}
    todo, ill = steps(request, rows), sick(rows, nodes)
    return Page(
        template="dashboard/overview.html",
        title="Overview",
        context={
            "steps": [] if all(step.is_done for step in todo) else todo,
            "done": sum(step.is_done for step in todo),
            "current": next((step.label for step in todo if not step.is_done), ""),
            "services": len(rows),
            "tally": Counter(row.health for row in rows),
            "instances": sum(row.instances for row in rows),
            "in_mesh": sum(min(row.sidecars, row.instances) for row in rows),
            "nodes": len(nodes),
            "node_tally": Counter(nodes.values()),
            "intentions": visible_intentions(mesh, sight),
            "default_allow": request.facts.default_allow,
            "acl_enabled": request.facts.acl_enabled,
            "sick": ill[:MOST],
            "more_sick": len(ill[MOST:]),
            "denied": denied(request, rows)[:MOST],
            "roots": roots(request),
            "leaves": leaves(request),
            "changes": changes(request),
        },
        watch_keys=(watch.ANYTHING,),
        is_filtered=sight.has_hidden,
        refresh=REFRESH,
    )


def steps(request: PageRequest, rows: Iterable[ServiceRow]) -> list[Step]:
    mesh, facts = request.mesh, request.facts
    return [
        Step(
            label="The server is up",
            is_done=True,
            outcome=f"Tulle {facts.version}, datacenter {facts.datacenter}",
        ),
        Step(
            label="ACLs are on",
            is_done=facts.acl_enabled,
            outcome=f"What no rule allows is {'allowed' if facts.acl_default_allow else 'denied'}.",
            note="Without them whoever reaches this server may change anything.",
            line="TULLE_ACL_ENABLED=true tulle server",
        ),
        Step(
            label="Register a service",
            is_done=any(row.instances for row in rows),
            outcome="It is in the list of services.",
            note="From a definition as Consul takes it.",
            line="tulle register web.hcl",
        ),
        Step(
            label="Connect its sidecar",
            is_done=has_sidecar(mesh.certificates),
            outcome="It has its certificate.",
            note="An Envoy beside it, which proves who it is on every connection.",
            line="tulle proxy --sidecar-for web",
        ),
        Step(
            label="Say who may call it",
            is_done=bool(mesh.intentions.by_destination),
            outcome="The graph shows who may call whom.",
            note="An intention is in force within milliseconds.",
            line="tulle intention create web api --allow",
        ),
    ]


def has_sidecar(certificates: Certificates) -> bool:
    """The first thing a proxy gets that connects is its certificate, and that is kept."""
    return any(holder(key).is_instance for key in certificates.leaves)


def node_health(mesh: Mesh, name: str) -> str:
    return health(mesh.registry.checks_of_node(name).values())


def visible_intentions(mesh: Mesh, sight: Sight) -> int:
    return sum(
        sight.intention(intention)
        for record in mesh.intentions.by_destination.values()
        for intention in record.value.intentions
    )


def sick(rows: Iterable[ServiceRow], nodes: Mapping[str, str]) -> list[Sick]:
    """The worst first; a node's trouble before that of the services on it."""
    found = [Sick(name, status, "its own checks", is_node=True) for name, status in nodes.items()]
    found += [Sick(row.name, row.health, how_far(row)) for row in rows if row.instances]
    ill = (each for each in found if each.status != "passing")
    return sorted(ill, key=lambda each: (rank(each.status), not each.is_node, each.name))


def denied(request: PageRequest, rows: Iterable[ServiceRow]) -> list[Refused]:
    """Attempts of the last 15 minutes on what the caller may see, the latest first."""
    found = [
        Refused(row.name, each)
        for row in rows
        if request.caller.may(RuleKind.INTENTION, Access.READ, row.name)
        for each in traffic.denials(request, row.name)
    ]
    return sorted(found, key=lambda each: each.attempt.seen_at, reverse=True)


def rank(status: str) -> int:
    return BY_HEALTH.index(status) if status in BY_HEALTH else 0


def how_far(row: ServiceRow) -> str:
    counts = {"critical": row.critical, "warning": row.warning}
    said = [f"{count} {status}" for status, count in counts.items() if count]
    return f"{', '.join(said)} of {row.instances}" if said else row.reason


def roots(request: PageRequest) -> list[KnownRoot]:
    """Those about which something is to be done."""
    certificates = msgspec.structs.replace(request.mesh.certificates, leaves=NO_LEAVES)
    known = inventory(certificates, now=request.now).roots
    return [root for root in known if root.life.severity != "passing"]


def leaves(request: PageRequest) -> list[HeldLeaf]:
    """Those that end first: only these are looked at closely, of thousands."""
    certificates, may = request.mesh.certificates, request.caller.may
    shown = (
        (record.value.not_after, key)
        for key, record in certificates.leaves.items()
        if may(RuleKind.SERVICE, Access.READ, record.value.service)
    )
    return [
        held(key, certificates.leaves[key].value, certificates, now=request.now)
        for _, key in nsmallest(MOST, shown)
    ]


def changes(request: PageRequest) -> list[ChangeRow]:
    def may_see(change: Change) -> bool:
        rules = to_read(change)
        return all(request.caller.may(rule.kind, rule.access, rule.segment) for rule in rules)

    found = request.facts.history.recent(upto=request.mesh.index, limit=MOST, may_see=may_see)
    return [row_of(entry, request.mesh, request.caller) for entry in found.entries]


NO_LEAVES = Certificates().leaves
