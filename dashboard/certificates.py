"""Whom the mesh trusts, and who holds which certificate until when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.certificates.inventory import ORDER, HeldLeaf, KnownRoot, held_leaves, known_roots
from meshcore.certificates.timeline import Event, timeline
from meshcore.certificates.view import Certificates
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh

AGEING = timedelta(seconds=30)  # leaves get late, and end, without a change of the mesh
SHORT = 8  # characters of an id that one tells it by
HTTP = "HTTP clients"

NEXT = {"prepared": "Signs from", "active": "Is succeeded", "retiring": "Is forgotten"}
WORDS = {
    "prepared": "Every verifier is given it; it signs nothing yet.",
    "active": "Signs every new leaf.",
    "retiring": "Signs nothing more; trusted until the last leaf it signed has ended.",
}


class RootRow(msgspec.Struct, frozen=True, kw_only=True):
    root: KnownRoot
    short: str
    cross_signed_by: str  # nothing where nobody had to vouch for it
    next_label: str
    words: str


class LeafRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", gc=False):
    """Its fields are what a filter expression may name."""

    key: str
    status: str
    service: str
    holder: str
    node: str
    spiffe_id: str
    serial: str
    issuer: str
    issuer_state: str
    warning: str
    not_before: datetime
    not_after: datetime
    renews_at: datetime
    proxy: str  # the service of the instance that it is for; nothing for who is none

    @property
    def path(self) -> str:
        """Of the instance's page; made for the rows that are shown alone."""
        if not self.proxy:
            return ""
        holder, node = quote(self.holder, safe=""), quote(self.node, safe="")
        return f"/ui/services/{quote(self.proxy, safe='')}/{holder}?node={node}"

    @property
    def words(self) -> str:
        return " ".join((self.service, self.holder, self.spiffe_id, self.serial)).lower()


class Lane(msgspec.Struct, frozen=True):
    """One leaf's life as shares of the time that all lanes show."""

    row: LeafRow
    start: str
    renewal: str
    end: str


class Axis(msgspec.Struct, frozen=True):
    start: datetime
    end: datetime

    def share(self, at: datetime) -> str:
        """Between 0 and 1, as script reads it."""
        whole = self.end - self.start
        return f"{(at - self.start) / whole if whole else 0:.4f}"


def certificates(request: PageRequest) -> Page:
    mesh, sight = request.mesh, Sight(request.caller.authorizer)
    roots = known_roots(mesh.certificates, now=request.now)
    rows = [
        leaf_row(mesh, leaf)
        for leaf in held_leaves(mesh.certificates, now=request.now)
        if sight.service(leaf.service)
    ]
    listed = listing(LEAVES, rows, request.params, has_hidden=sight.has_hidden)
    axis = axis_of(listed.rows)
    is_operator = request.caller.may(RuleKind.OPERATOR, Access.READ)
    return Page(
        template="dashboard/certificates.html",
        title="Certificates",
        context={
            "roots": [root_row(root) for root in roots],
            "warnings": [root for root in roots if root.life.warning],
            "listing": listed,
            "axis": axis,
            "lanes": lanes(listed, axis),
            "first_to_end": min((row.not_after for row in rows), default=None),
            "late": sum(row.status != "passing" for row in rows),
            "leaves": len(rows),
            "trust_domain": mesh.certificates.trust_domain if mesh.certificates.trust else "",
            "active": next((root for root in roots if root.state == "active"), None),
            "may_rotate": request.caller.may(RuleKind.OPERATOR, Access.WRITE)
            and not any(root.state == "prepared" or is_in_force(root) for root in roots),
            "given": next(filter(is_in_force, roots), None),
            "away": request.facts.trouble() if is_operator else "",
            "trouble": mesh.certificates.trust.value.trouble if mesh.certificates.trust else None,
            "timeline": told(mesh.certificates, rows, now=request.now),
        },
        watch_keys=(watch.ROOTS, watch.LEAVES, watch.INSTANCES),
        is_filtered=sight.has_hidden,
        refresh=AGEING,
        listing=listed,
    )


def told(known: Certificates, rows: Iterable[LeafRow], *, now: datetime) -> list[tuple[Event, str]]:
    """What happened to the roots and what comes, each with the short id of its root."""
    first = min((row.renews_at for row in rows), default=None)
    events = timeline(known, now=now, first_renewal=first)
    return [(event, short(event.root_id)) for event in events]


def is_in_force(root: KnownRoot) -> bool:
    """One that was given, and that only the command replaces, with another one or on demand."""
    return root.is_given and root.state == "active"


def root_row(root: KnownRoot) -> RootRow:
    return RootRow(
        root=root,
        short=short(root.id),
        cross_signed_by=short(root.cross_signed_by) if root.cross_signed_by else "",
        next_label=NEXT[root.state],
        words=WORDS[root.state],
    )


def leaf_row(mesh: Mesh, leaf: HeldLeaf) -> LeafRow:
    whose = leaf.holder
    instance = mesh.registry.instance((whose.node, whose.service_id)) if whose.node else None
    return LeafRow(
        key=leaf.key,
        status=leaf.life.severity,
        service=leaf.service,
        holder=whose.service_id if whose.is_instance else HTTP,
        node=whose.node,
        spiffe_id=leaf.spiffe_id,
        serial=leaf.serial,
        issuer=short(leaf.root_id),
        issuer_state=leaf.root_state or "gone",
        warning=leaf.life.warning,
        not_before=leaf.life.not_before,
        not_after=leaf.life.not_after,
        renews_at=leaf.renews_at,
        proxy=instance.service if instance else "",
    )


def short(root_id: str) -> str:
    return root_id.replace(":", "")[:SHORT]


def axis_of(rows: Iterable[LeafRow]) -> Axis | None:
    shown = tuple(rows)
    if not shown:
        return None
    return Axis(min(row.not_before for row in shown), max(row.not_after for row in shown))


def lanes(listed: Listing[LeafRow], axis: Axis | None) -> Sequence[Lane]:
    if axis is None:
        return ()
    return [
        Lane(row, axis.share(row.not_before), axis.share(row.renews_at), axis.share(row.not_after))
        for row in listed.rows
    ]


LEAVES: Table[LeafRow] = Table(
    one="leaf",
    many="leaves",
    row_type=LeafRow,
    words=lambda row: row.words,
    sort="status",
    columns=(
        Column(name="service", label="Service", value=lambda row: row.service),
        Column(name="holder", label="Held by", value=lambda row: row.holder),
        Column(
            name="status",
            label="Status",
            value=lambda row: row.status,
            sort=lambda row: (ORDER.index(row.status), row.not_after),
        ),
        Column(
            name="life",
            label="Life",
            value=lambda row: row.not_before.isoformat(),
            sort=lambda row: row.not_before,
        ),
        Column(
            name="renews",
            label="Renews",
            value=lambda row: row.renews_at.isoformat(),
            sort=lambda row: row.renews_at,
        ),
        Column(
            name="ends",
            label="Ends",
            value=lambda row: row.not_after.isoformat(),
            sort=lambda row: row.not_after,
        ),
        Column(name="issuer", label="Signed by", value=lambda row: row.issuer),
        Column(name="spiffe", label="SPIFFE ID", value=lambda row: row.spiffe_id),
        Column(name="node", label="Node", value=lambda row: row.node, is_optional=True),
        Column(name="serial", label="Serial", value=lambda row: row.serial, is_optional=True),
    ),
    facets=(
        Facet(name="status", label="Status", values=lambda row: (row.status,)),
        Facet(name="service", label="Service", values=lambda row: (row.service,)),
        Facet(name="issuer", label="Signed by", values=lambda row: (row.issuer,)),
        Facet(name="holder", label="Held by", values=lambda row: (kind_of_holder(row),)),
    ),
    none_yet=Empty(
        title="No leaf yet",
        text="A service's certificate is issued when its first proxy connects.",
        line="tulle proxy --sidecar-for ID",
        icon_name="certificates",
    ),
)


def kind_of_holder(row: LeafRow) -> str:
    return "proxies" if row.node else HTTP
