"""The server that one is looking at: what it holds, what it lacks, and which proxies it serves."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.proxycfg.state import ConnectedProxy, Nack

AGEING = timedelta(seconds=5)  # streams come and go without a change of the mesh
NACKS_SHOWN = 20


class StreamRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    proxy: str
    node: str
    service: str
    state: str
    status: str
    peer: str
    envoy: str
    pushes: int
    unsettled: int
    nacks: int
    accessor: str
    since: datetime
    path: str  # of its page; nothing while it waits for its registration

    @property
    def words(self) -> str:
        return " ".join((self.proxy, self.node, self.service, self.peer, self.accessor)).lower()


class Refused(msgspec.Struct, frozen=True):
    row: StreamRow
    nack: Nack


def control_plane(request: PageRequest) -> Page:
    facts = request.facts
    is_operator = request.caller.may(RuleKind.OPERATOR, Access.READ)
    proxies = facts.proxies.connected() if is_operator else ()
    rows = [stream_row(request.mesh, proxy) for proxy in proxies]
    listed = listing(STREAMS, rows, request.params)
    return Page(
        template="dashboard/control_plane.html",
        title="Control plane",
        context={
            "is_operator": is_operator,
            "facts": facts,
            "index": request.mesh.index,
            "trouble": facts.trouble() if is_operator else "",
            "ping_trouble": facts.ping_trouble() if is_operator else "",
            "waiting": facts.waiting() if is_operator else 0,
            "listing": listed,
            "streams": len(rows),
            "unsettled": sum(row.unsettled > 0 for row in rows),
            "nacked": facts.proxies.nacked() if is_operator else 0,
            "cut": facts.proxies.cut() if is_operator else 0,
            "refused": refused(zip(rows, proxies, strict=True)),
        },
        watch_keys=(watch.ANYTHING,),
        is_filtered=not is_operator,
        refresh=AGEING if is_operator else None,
        listing=listed,
    )


def stream_row(mesh: Mesh, proxy: ConnectedProxy) -> StreamRow:
    key = proxy.proxy
    instance = mesh.registry.instance(key) if key else None
    state, status = state_of(proxy)
    return StreamRow(
        proxy=proxy.proxy_id,
        node=key[0] if key else "",
        service=instance.service if instance else "",
        state=state,
        status=status,
        peer=re.sub(r"^ipv[46]:", "", proxy.peer),
        envoy=proxy.envoy_version,
        pushes=proxy.pushes,
        unsettled=proxy.unsettled,
        nacks=len(proxy.nacks),
        accessor=proxy.accessor,
        since=proxy.since,
        path=f"/ui/services/{quote(instance.service, safe='')}/{quote(instance.id, safe='')}"
        f"?node={quote(instance.node, safe='')}"
        if instance
        else "",
    )


def state_of(proxy: ConnectedProxy) -> tuple[str, str]:
    if proxy.proxy is None:
        return "waits for its registration", "unknown"
    if not proxy.unsettled:
        return "settled", "passing"
    return ("refused", "critical") if proxy.nacks else ("behind", "warning")


def refused(streams: Iterable[tuple[StreamRow, ConnectedProxy]]) -> list[Refused]:
    """The newest of what any proxy refused."""
    found = [Refused(row, nack) for row, proxy in streams for nack in proxy.nacks]
    return sorted(found, key=lambda each: each.nack.at, reverse=True)[:NACKS_SHOWN]


STREAMS: Table[StreamRow] = Table(
    one="stream",
    many="streams",
    row_type=StreamRow,
    words=lambda row: row.words,
    sort="proxy",
    columns=(
        Column(name="proxy", label="Proxy", value=lambda row: row.proxy),
        Column(name="state", label="State", value=lambda row: row.state),
        Column(name="unsettled", label="Behind", value=lambda row: row.unsettled, is_number=True),
        Column(name="nacks", label="NACKs", value=lambda row: row.nacks, is_number=True),
        Column(name="pushes", label="Pushes", value=lambda row: row.pushes, is_number=True),
        Column(
            name="since",
            label="Connected",
            value=lambda row: row.since.isoformat(),
            sort=lambda row: row.since,
        ),
        Column(name="envoy", label="Envoy", value=lambda row: row.envoy),
        Column(name="node", label="Node", value=lambda row: row.node),
        Column(name="peer", label="From", value=lambda row: row.peer, is_optional=True),
        Column(name="token", label="Token", value=lambda row: row.accessor, is_optional=True),
    ),
    facets=(
        Facet(name="state", label="State", values=lambda row: (row.state,)),
        Facet(name="envoy", label="Envoy", values=lambda row: (row.envoy,)),
        Facet(name="node", label="Node", values=lambda row: (row.node,)),
    ),
    none_yet=Empty(
        title="No proxy is connected",
        text="Start one beside a registered instance, and its stream appears here.",
        line="tulle proxy --sidecar-for ID",
        icon_name="control-plane",
    ),
)
