"""Whom the mesh trusts, and who holds which certificate until when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.certificates.inventory import ORDER, HeldLeaf, KnownRoot, inventory
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
    path: str  # of the instance's page; nothing for who is none

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
    known = inventory(mesh.certificates, now=request.now)
    shown = [leaf for leaf in known.leaves if sight.service(leaf.service)]
    rows = [leaf_row(mesh, leaf) for leaf in shown]
    listed = listing(LEAVES, rows, request.params, has_hidden=sight.has_hidden)
    axis = axis_of(listed.rows)
    return Page(
        template="dashboard/certificates.html",
        title="Certificates",
        context={
            "roots": [root_row(root) for root in known.roots],
            "warnings": [root for root in known.roots if root.life.warning],
            "listing": listed,
            "axis": axis,
            "lanes": lanes(listed, axis),
            "first_to_end": min((row.not_after for row in rows), default=None),
            "late": sum(row.status != "passing" for row in rows),
            "leaves": len(rows),
            "trust_domain": mesh.certificates.trust_domain if mesh.certificates.trust else "",
            "active": next((root for root in known.roots if root.state == "active"), None),
            "may_rotate": request.caller.may(RuleKind.OPERATOR, Access.WRITE)
            and not any(root.state == "prepared" for root in known.roots),
            "lifetimes": mesh.certificates.trust.value.lifetimes
            if mesh.certificates.trust
            else None,
        },
        watch_keys=(watch.ROOTS, watch.LEAVES, watch.INSTANCES),
        is_filtered=sight.has_hidden,
        refresh=AGEING,
        listing=listed,
    )


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
        path=f"/ui/services/{quote(instance.service, safe='')}/{quote(instance.id, safe='')}"
        f"?node={quote(instance.node, safe='')}"
        if instance
        else "",
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
