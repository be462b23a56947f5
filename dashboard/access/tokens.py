"""The list of tokens; no secret is in it, for nobody."""

from datetime import datetime

import msgspec

from dashboard.access import paths
from dashboard.pages import PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.types import ANONYMOUS_TOKEN, Token
from meshcore.acl.view import Acl

SHORT = 8  # characters of an accessor that people tell a token by


class TokenRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name; times are in ISO 8601."""

    accessor_id: str
    description: str
    policies: tuple[str, ...]
    roles: tuple[str, ...]
    services: tuple[str, ...]
    nodes: tuple[str, ...]
    templates: tuple[str, ...]
    scope: str
    auth_method: str
    expires_at: str
    created_at: str
    is_management: bool
    is_yours: bool

    @property
    def words(self) -> str:
        return " ".join((self.accessor_id, self.description, self.auth_method, *self.links)).lower()

    @property
    def title(self) -> str:
        return self.description or f"Token {self.accessor_id[:SHORT]}"

    @property
    def path(self) -> str:
        return paths.of("tokens", self.accessor_id)

    @property
    def links(self) -> tuple[str, ...]:
        return self.policies + self.roles + self.services + self.nodes + self.templates

    @property
    def expires(self) -> datetime | None:
        return datetime.fromisoformat(self.expires_at) if self.expires_at else None

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.created_at)

    @property
    def is_anonymous(self) -> bool:
        return self.accessor_id == ANONYMOUS_TOKEN


class TokenRows:
    """Those of the ACL that was asked for last: ten thousand take longer to make than to filter.

    Used by many threads: at worst two of them make the same rows.
    """

    def __init__(self) -> None:
        self._kept: tuple[Acl, dict[str, TokenRow]] = (Acl(), {})

    def of(self, acl: Acl) -> dict[str, TokenRow]:
        made_of, rows = self._kept
        if made_of is not acl:
            rows = {key: token_row(record.value, acl, own="") for key, record in acl.tokens.items()}
            self._kept = acl, rows
        return rows


ROWS = TokenRows()


def tokens(request: PageRequest) -> Listing[TokenRow]:
    """Those whose time is over are kept for an hour, to tell their holders; here they are gone."""
    acl, own = request.mesh.acl, request.caller.accessor_id
    rows = [
        msgspec.structs.replace(row, is_yours=True) if key == own else row
        for key, row in ROWS.of(acl).items()
        if row.expires is None or row.expires > request.now
    ]
    return listing(TOKENS, rows, request.params)


def token_row(token: Token, acl: Acl, *, own: str) -> TokenRow:
    policies = (acl.policy(policy_id) for policy_id in token.policies)
    return TokenRow(
        accessor_id=token.accessor_id,
        description=token.description,
        policies=tuple(policy.name for policy in policies if policy),
        roles=tuple(role.name for role in acl.roles_of(token)),
        services=tuple(each.service for each in token.service_identities),
        nodes=tuple(each.node for each in token.node_identities),
        templates=tuple(each.template for each in token.templated_policies),
        scope="local" if token.is_local else "global",
        auth_method=token.auth_method,
        expires_at=token.expires_at.isoformat(timespec="seconds") if token.expires_at else "",
        created_at=token.created_at.isoformat(timespec="seconds"),
        is_management=acl.is_management(token),
        is_yours=token.accessor_id == own,
    )


TOKENS: Table[TokenRow] = Table(
    one="token",
    many="tokens",
    row_type=TokenRow,
    keeps=("tab",),
    example='Policies contains "ops"',
    words=lambda row: row.words,
    sort="-created",
    columns=(
        Column(
            name="description",
            label="Token",
            value=lambda row: row.description,
            sort=lambda row: (not row.description, row.description.lower(), row.accessor_id),
        ),
        Column(name="accessor", label="Accessor", value=lambda row: row.accessor_id),
        Column(
            name="links",
            label="Linked to",
            value=lambda row: row.links,
            sort=lambda row: (not row.is_management, row.links),
        ),
        Column(
            name="expires",
            label="Expires",
            value=lambda row: row.expires_at,
            sort=lambda row: row.expires_at or "9",  # those that never do come last
        ),
        Column(name="method", label="Auth method", value=lambda row: row.auth_method),
        Column(name="created", label="Created", value=lambda row: row.created_at),
        Column(name="scope", label="Scope", value=lambda row: row.scope, is_optional=True),
    ),
    facets=(
        Facet(name="policy", label="Policy", values=lambda row: row.policies),
        Facet(name="role", label="Role", values=lambda row: row.roles),
        Facet(name="service", label="Service identity", values=lambda row: row.services),
        Facet(
            name="method",
            label="Auth method",
            values=lambda row: (row.auth_method,) if row.auth_method else (),
        ),
        Facet(name="scope", label="Scope", values=lambda row: (row.scope,)),
    ),
    none_yet=Empty(
        title="No tokens yet",
        text="Without one, nobody can be let in. The first may do everything, and is made once.",
        line="tulle acl bootstrap",
        icon_name="access",
    ),
)
