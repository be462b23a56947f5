"""What tokens and roles are linked to, as Consul writes it."""

from typing import Any

from msgspec import UNSET, UnsetType, field

from meshcore.acl.types import NodeIdentity, Role, ServiceIdentity, TemplatedPolicyLink, Token
from meshcore.acl.view import Acl
from meshcore.lib.errors import InvalidError
from meshcore.wire.names import In, Out


class LinkOut(Out, frozen=True, kw_only=True):
    id: str
    name: str


class ServiceIdentityOut(Out, frozen=True, kw_only=True):
    service_name: str
    datacenters: list[str] | UnsetType = UNSET


class NodeIdentityOut(Out, frozen=True, kw_only=True):
    node_name: str
    datacenter: str


class VariablesOut(Out, frozen=True, kw_only=True):
    name: str


class TemplatedPolicyOut(Out, frozen=True, kw_only=True):
    template_name: str
    template_variables: VariablesOut | UnsetType = UNSET
    datacenters: list[str] | UnsetType = UNSET


class LinkIn(In, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""


class ServiceIdentityIn(In, frozen=True, kw_only=True):
    service_name: str = ""
    datacenters: list[str] | None = None


class NodeIdentityIn(In, frozen=True, kw_only=True):
    node_name: str = ""
    datacenter: str = ""


class VariablesIn(In, frozen=True, kw_only=True):
    name: str = ""


class TemplatedPolicyIn(In, frozen=True, kw_only=True):
    template_name: str = ""
    template_variables: VariablesIn | None = None
    datacenters: list[str] | None = None
    template_id: str = field(name="TemplateID", default="")  # taken from old clients, and not read


class Computed(In, frozen=True, kw_only=True):
    """What the server makes: taken, because clients send back what they were shown.

    And the scopes that there is one of each.
    """

    hash: str | None = None
    create_index: int = 0
    modify_index: int = 0
    namespace: str = ""
    partition: str = ""


class LinksIn(Computed, frozen=True, kw_only=True):
    """What tokens and roles can both be linked to."""

    policies: list[LinkIn] | None = None
    service_identities: list[ServiceIdentityIn] | None = None
    node_identities: list[NodeIdentityIn] | None = None
    templated_policies: list[TemplatedPolicyIn] | None = None


def references(links: list[LinkIn] | None, *, what: str) -> tuple[str, ...]:
    """The id of each link, or the name where it has none."""
    given = tuple(link.id or link.name for link in links or ())
    if "" in given:
        raise InvalidError(f"a link to a {what} needs an ID or a Name")
    return given


def links_of(given: LinksIn) -> dict[str, Any]:
    """The fields of a token or a role that are given by links."""
    return {
        "policies": references(given.policies, what="policy"),
        "service_identities": tuple(
            ServiceIdentity(service=each.service_name, datacenters=tuple(each.datacenters or ()))
            for each in given.service_identities or ()
        ),
        "node_identities": tuple(
            NodeIdentity(node=each.node_name, datacenter=each.datacenter)
            for each in given.node_identities or ()
        ),
        "templated_policies": tuple(
            TemplatedPolicyLink(
                template=each.template_name,
                name=each.template_variables.name if each.template_variables else "",
                datacenters=tuple(each.datacenters or ()),
            )
            for each in given.templated_policies or ()
        ),
    }


def links_out(linked: Token | Role, acl: Acl) -> dict[str, Any]:
    """A link to what is gone is not shown."""
    policies = (acl.policy(policy_id) for policy_id in linked.policies)
    return {
        "policies": [LinkOut(id=each.id, name=each.name) for each in policies if each] or UNSET,
        "service_identities": [
            ServiceIdentityOut(
                service_name=each.service, datacenters=list(each.datacenters) or UNSET
            )
            for each in linked.service_identities
        ]
        or UNSET,
        "node_identities": [
            NodeIdentityOut(node_name=each.node, datacenter=each.datacenter)
            for each in linked.node_identities
        ]
        or UNSET,
        "templated_policies": [
            TemplatedPolicyOut(
                template_name=each.template,
                template_variables=VariablesOut(name=each.name) if each.name else UNSET,
                datacenters=list(each.datacenters) or UNSET,
            )
            for each in linked.templated_policies
        ]
        or UNSET,
    }
