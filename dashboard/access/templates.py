"""The list of templated policies: rules that are there from the start, with a name to put in."""

import msgspec

from dashboard.access import paths
from dashboard.access.uses import counted, of_templates
from dashboard.pages import PageRequest
from dashboard.tables import Column, Empty, Listing, Table, listing
from meshcore.acl.identities import TEMPLATES


class TemplateRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    name: str
    description: str
    takes_name: bool
    users: int

    @property
    def words(self) -> str:
        return f"{self.name} {self.description}".lower()

    @property
    def path(self) -> str:
        return paths.of("templated-policies", self.name)


def templates(request: PageRequest) -> Listing[TemplateRow]:
    users = counted(request.mesh.acl, of_templates)
    rows = [
        TemplateRow(
            name=template.name,
            description=template.description,
            takes_name=template.require is not None,
            users=users[template.name],
        )
        for template in TEMPLATES.values()
    ]
    return listing(TEMPLATED, rows, request.params)


TEMPLATED: Table[TemplateRow] = Table(
    one="templated policy",
    many="templated policies",
    row_type=TemplateRow,
    keeps=("tab",),
    example="TakesName == true",
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Templated policy", value=lambda row: row.name),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(name="takes", label="Takes", value=lambda row: "a name" if row.takes_name else ""),
        Column(name="users", label="Held by", value=lambda row: row.users, is_number=True),
    ),
    none_yet=Empty(title="No templated policies"),  # they are builtin
)
