"""The list of intentions, in the order in which they are asked."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from dashboard import traffic
from dashboard.intentions.authors import Pair, last_actors
from dashboard.intentions.commands import create, delete
from dashboard.intentions.words import summary
from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.precedence import rank
from meshcore.intentions.types import WILDCARD, Action, Intention
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.traffic.types import IntentionTraffic


class IntentionRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    source: str
    destination: str
    action: str  # allow, deny or permissions
    permissions: str = ""
    precedence: int = 0
    description: str = ""
    source_peer: str = ""
    source_known: bool = True
    destination_known: bool = True
    modified_at: datetime | None = None
    modified_by: str = ""
    rate: float | None = None
    denied_rate: float | None = None
    last_seen_at: datetime | None = None  # in the last 15 minutes

    @property
    def words(self) -> str:
        return " ".join(
            (self.source, self.destination, self.action, self.permissions, self.description)
        ).lower()

    @property
    def verdict(self) -> str:
        return "conditional" if self.action == "permissions" else self.action

    @property
    def key(self) -> str:
        """Names have no blanks in them."""
        return " ".join(filter(None, (self.source, self.destination, self.source_peer)))

    @property
    def pair(self) -> str:
        return f"{self.source} {self.destination}"

    @property
    def allow_line(self) -> str:
        return create(self._saying("allow"), replaces=True)

    @property
    def deny_line(self) -> str:
        return create(self._saying("deny"), replaces=True)

    @property
    def delete_line(self) -> str:
        return delete(self.source, self.destination)

    def _saying(self, action: Action) -> Intention:
        return Intention(
            source=self.source,
            destination=self.destination,
            action=action,
            description=self.description,
        )

    @property
    def unknown(self) -> list[str]:
        ends = ((self.source, self.source_known), (self.destination, self.destination_known))
        return [name for name, is_known in ends if not is_known]


def intentions(request: PageRequest) -> Page:
    sight = Sight(request.caller.authorizer)
    rows = rows_of(request, sight)
    listed = listing(INTENTIONS, rows, request.params, has_hidden=sight.has_hidden)
    may_write = {
        row.destination
        for row in listed.rows
        if request.caller.may(RuleKind.INTENTION, Access.WRITE, row.destination)
    }
    return Page(
        template="dashboard/intentions/list.html",
        title="Intentions",
        context={
            "listing": listed,
            "export_query": request.params.without("rows", "columns", "sort").query,
            "may_write": may_write,
            "may_create": request.caller.may(RuleKind.INTENTION, Access.WRITE, WILDCARD)
            or bool(may_write),
            "default_verdict": "allow" if request.facts.default_allow else "deny",
        },
        watch_keys=(watch.ALL_INTENTIONS, watch.SERVICES),
        refresh=traffic.REFRESH,
        is_filtered=sight.has_hidden,
        listing=listed,
    )


def rows_of(request: PageRequest, sight: Sight) -> list[IntentionRow]:
    """All that the caller may see: an intention may be read from either of its sides."""
    actors = last_actors(request.facts.history, request.caller, upto=request.mesh.index)
    decided = request.facts.traffic.by_intention(now_s=request.now.timestamp())
    return [
        row(request.mesh, intention, actors, decided.get((intention.source, intention.destination)))
        for record in request.mesh.intentions.by_destination.values()
        for intention in record.value.intentions
        if sight.intention(intention)
    ]


def row(
    mesh: Mesh,
    intention: Intention,
    actors: Mapping[Pair, str],
    decided: IntentionTraffic | None = None,
) -> IntentionRow:
    source, destination = intention.source, intention.destination
    return IntentionRow(
        source=source,
        destination=destination,
        action=intention.action or "permissions",
        permissions=summary(intention) if intention.permissions else "",
        precedence=rank(intention),
        description=intention.description,
        source_peer=intention.source_peer,
        source_known=bool(intention.source_peer) or is_known(mesh, source),
        destination_known=is_known(mesh, destination),
        modified_at=intention.updated_at,
        modified_by=actors.get((source, destination), ""),
        rate=decided.rate if decided else None,
        denied_rate=decided.denied_rate if decided else None,
        last_seen_at=decided.seen_at if decided else None,
    )


def is_known(mesh: Mesh, name: str) -> bool:
    return name == WILDCARD or bool(mesh.registry.of_service(name))


def by_precedence(row: IntentionRow) -> tuple[int, str, str]:
    return -row.precedence, row.destination, row.source


def by_rate(row: IntentionRow) -> float:
    return row.rate or 0.0


def by_denied_rate(row: IntentionRow) -> float:
    return row.denied_rate or 0.0


INTENTIONS: Table[IntentionRow] = Table(
    one="intention",
    many="intentions",
    row_type=IntentionRow,
    words=lambda row: row.words,
    sort="precedence",
    columns=(
        Column(
            name="precedence",
            label="Precedence",
            value=lambda row: row.precedence,
            sort=by_precedence,
            is_number=True,
        ),
        Column(name="source", label="Source", value=lambda row: row.source),
        Column(name="destination", label="Destination", value=lambda row: row.destination),
        Column(name="action", label="Says", value=lambda row: row.action),
        Column(
            name="permissions",
            label="Permissions",
            value=lambda row: row.permissions,
            is_optional=True,
        ),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(
            name="rate",
            label="Let through",
            value=lambda row: row.rate,
            sort=by_rate,
            is_number=True,
        ),
        Column(
            name="denied",
            label="Denied",
            value=lambda row: row.denied_rate,
            sort=by_denied_rate,
            is_number=True,
        ),
        Column(
            name="seen",
            label="Last seen",
            value=lambda row: row.last_seen_at.isoformat() if row.last_seen_at else "",
        ),
        Column(
            name="modified",
            label="Modified",
            value=lambda row: row.modified_at.isoformat() if row.modified_at else "",
            is_optional=True,  # a row's menu tells it too
        ),
        Column(name="by", label="By", value=lambda row: row.modified_by, is_optional=True),
    ),
    facets=(
        Facet(name="action", label="Says", values=lambda row: (row.action,)),
        Facet(name="source", label="Source", values=lambda row: (row.source,)),
        Facet(name="destination", label="Destination", values=lambda row: (row.destination,)),
        Facet(
            name="waits",
            label="Registered",
            values=lambda row: ("not yet",) if row.unknown else ("both sides",),
        ),
        Facet(
            name="used",
            label="Decided calls",
            values=lambda row: ("lately",) if row.last_seen_at else ("not in 15 minutes",),
        ),
    ),
    none_yet=Empty(
        title="No intentions yet",
        text="The default policy alone decides every call. An intention says of one service whether"
        " it may call another.",
        line="tulle intention create web api",
        icon_name="intentions",
    ),
)
