"""The list of policies."""

import msgspec

from dashboard.access import paths
from dashboard.access.uses import counted, of_policies
from dashboard.pages import PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.parsing import parse
from meshcore.acl.types import Policy
from meshcore.acl.view import BUILTIN


class PolicyRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    id: str
    name: str
    description: str
    kinds: tuple[str, ...]
    datacenters: tuple[str, ...]
    users: int
    is_builtin: bool

    @property
    def words(self) -> str:
        return " ".join((self.id, self.name, self.description, *self.kinds)).lower()

    @property
    def path(self) -> str:
        return paths.of("policies", self.id)


def policies(request: PageRequest) -> Listing[PolicyRow]:
    acl = request.mesh.acl
    users = counted(acl, of_policies)
    rows = [policy_row(record.value, users[key]) for key, record in acl.policies.items()]
    return listing(POLICIES, rows, request.params)


def policy_row(policy: Policy, users: int) -> PolicyRow:
    return PolicyRow(
        id=policy.id,
        name=policy.name,
        description=policy.description,
        kinds=tuple(sorted({str(rule.kind) for rule in parse(policy.rules)})),
        datacenters=policy.datacenters,
        users=users,
        is_builtin=policy.id in BUILTIN,
    )


POLICIES: Table[PolicyRow] = Table(
    one="policy",
    many="policies",
    row_type=PolicyRow,
    keeps=("tab",),
    example='Kinds contains "key"',
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Policy", value=lambda row: row.name),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(name="kinds", label="Rules about", value=lambda row: row.kinds),
        Column(name="users", label="Held by", value=lambda row: row.users, is_number=True),
        Column(
            name="datacenters",
            label="Datacenters",
            value=lambda row: row.datacenters,
            is_optional=True,
        ),
        Column(name="id", label="ID", value=lambda row: row.id, is_optional=True),
    ),
    facets=(
        Facet(name="kind", label="Rules about", values=lambda row: row.kinds),
        Facet(
            name="held",
            label="Held",
            values=lambda row: ("by somebody" if row.users else "by nobody",),
        ),
    ),
    none_yet=Empty(title="No policies"),  # two are builtin
)
