"""The list of roles."""

import msgspec

from dashboard.access import paths
from dashboard.access.uses import counted, of_roles
from dashboard.pages import PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.types import Role
from meshcore.acl.view import Acl


class RoleRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    id: str
    name: str
    description: str
    policies: tuple[str, ...]
    services: tuple[str, ...]
    nodes: tuple[str, ...]
    templates: tuple[str, ...]
    users: int

    @property
    def words(self) -> str:
        return " ".join((self.id, self.name, self.description, *self.links)).lower()

    @property
    def links(self) -> tuple[str, ...]:
        return self.policies + self.services + self.nodes + self.templates

    @property
    def path(self) -> str:
        return paths.of("roles", self.id)


def roles(request: PageRequest) -> Listing[RoleRow]:
    acl = request.mesh.acl
    users = counted(acl, of_roles)
    rows = [role_row(record.value, acl, users[key]) for key, record in acl.roles.items()]
    return listing(ROLES, rows, request.params)


def role_row(role: Role, acl: Acl, users: int) -> RoleRow:
    policies = (acl.policy(policy_id) for policy_id in role.policies)
    return RoleRow(
        id=role.id,
        name=role.name,
        description=role.description,
        policies=tuple(policy.name for policy in policies if policy),
        services=tuple(each.service for each in role.service_identities),
        nodes=tuple(each.node for each in role.node_identities),
        templates=tuple(each.template for each in role.templated_policies),
        users=users,
    )


ROLES: Table[RoleRow] = Table(
    one="role",
    many="roles",
    row_type=RoleRow,
    keeps=("tab",),
    example='Services contains "web"',
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Role", value=lambda row: row.name),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(name="links", label="Linked to", value=lambda row: row.links),
        Column(name="users", label="Tokens", value=lambda row: row.users, is_number=True),
        Column(name="id", label="ID", value=lambda row: row.id, is_optional=True),
    ),
    facets=(
        Facet(name="policy", label="Policy", values=lambda row: row.policies),
        Facet(name="service", label="Service identity", values=lambda row: row.services),
    ),
    none_yet=Empty(
        title="No roles yet",
        text="A role puts together what several tokens may, so that it is changed in one place.",
        line="tulle acl role create --name ops --policy-name ops",
        icon_name="layers",
    ),
)
