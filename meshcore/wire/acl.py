"""Tokens, policies and roles as Consul writes them."""

from base64 import b64encode
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from meshcore.acl.identities import rules_of_node, rules_of_service, rules_of_template
from meshcore.acl.rules import Rules, rendered
from meshcore.acl.types import Policy, Role, Token
from meshcore.acl.view import Acl
from meshcore.lib.records import Record
from meshcore.wire.acl_links import (
    Computed,
    LinkIn,
    LinkOut,
    LinksIn,
    NodeIdentityOut,
    ServiceIdentityOut,
    TemplatedPolicyOut,
    links_out,
)
from meshcore.wire.decoding import DurationIn, decode, unknown_fields
from meshcore.wire.errors import Refusal
from meshcore.wire.names import Out

Wanted = TypeVar("Wanted")
Time = Annotated[datetime, Meta(tz=True)]


class PolicyStubOut(Out, frozen=True, kw_only=True):
    id: str
    name: str
    description: str
    datacenters: list[str] | UnsetType = UNSET
    hash: str
    create_index: int
    modify_index: int


class PolicyOut(PolicyStubOut, frozen=True, kw_only=True):
    rules: str


class LinkedOut(Out, frozen=True, kw_only=True):
    description: str
    policies: list[LinkOut] | UnsetType = UNSET
    service_identities: list[ServiceIdentityOut] | UnsetType = UNSET
    node_identities: list[NodeIdentityOut] | UnsetType = UNSET
    templated_policies: list[TemplatedPolicyOut] | UnsetType = UNSET
    hash: str
    create_index: int
    modify_index: int


class RoleOut(LinkedOut, frozen=True, kw_only=True):
    id: str
    name: str


class TokenOut(LinkedOut, frozen=True, kw_only=True):
    accessor_id: str
    secret_id: str
    roles: list[LinkOut] | UnsetType = UNSET
    local: bool
    auth_method: str | UnsetType = UNSET
    expiration_time: datetime | UnsetType = UNSET
    create_time: datetime


class BootstrapOut(TokenOut, frozen=True, kw_only=True):
    id: str


class ExpandedTokenOut(TokenOut, frozen=True, kw_only=True):
    expanded_policies: list[PolicyOut]
    expanded_roles: list[RoleOut]
    namespace_default_policy_ids: list[str] | None = field(
        name="NamespaceDefaultPolicyIDs", default=None
    )
    namespace_default_role_ids: list[str] | None = field(
        name="NamespaceDefaultRoleIDs", default=None
    )
    agent_acl_default_policy: str = field(name="AgentACLDefaultPolicy")
    agent_acl_down_policy: str = field(name="AgentACLDownPolicy", default="extend-cache")
    resolved_by_agent: str


class PolicyIn(Computed, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    description: str = ""
    rules: str = ""
    datacenters: list[str] | None = None


class RoleIn(LinksIn, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    description: str = ""


class TokenIn(LinksIn, frozen=True, kw_only=True):
    accessor_id: str = ""
    secret_id: str = ""
    description: str = ""
    roles: list[LinkIn] | None = None
    local: bool = False
    auth_method: str = ""
    auth_method_namespace: str = ""
    expiration_time: Time | None = None
    expiration_ttl: DurationIn = None
    create_time: str = ""


class CloneIn(TokenIn, frozen=True, kw_only=True):
    """Only its description is read."""


def read(body: bytes, wanted: type[Wanted], *, what: str) -> Wanted:
    """An unknown field is refused: a misspelt link would make a token that may do less or more."""
    given = decode(body, wanted, what=f"{what} decoding")
    unknown = unknown_fields(body, wanted)
    if unknown:
        raise Refusal(400, f'{what} decoding failed: unknown field "{unknown[0]}"')
    if isinstance(given, Computed):
        _require_own_scope(given)
    return given


def _require_own_scope(given: Computed) -> None:
    for name, scope in (("namespace", given.namespace), ("partition", given.partition)):
        if scope not in ("", "default"):
            raise Refusal(400, f'Invalid {name} "{scope}": it is a Consul Enterprise feature')


def policy_stub_out(record: Record[Policy]) -> PolicyStubOut:
    return PolicyStubOut(**_policy_fields(record))


def policy_out(record: Record[Policy]) -> PolicyOut:
    return PolicyOut(**_policy_fields(record), rules=record.value.rules)


def _policy_fields(record: Record[Policy]) -> dict[str, Any]:
    policy = record.value
    return {
        "id": policy.id,
        "name": policy.name,
        "description": policy.description,
        "datacenters": list(policy.datacenters) or UNSET,
        "hash": _hash(policy.name, policy.description, policy.rules, policy.datacenters),
        "create_index": record.create_index,
        "modify_index": record.modify_index,
    }


def role_out(record: Record[Role], acl: Acl) -> RoleOut:
    role = record.value
    return RoleOut(
        id=role.id,
        name=role.name,
        description=role.description,
        **links_out(role, acl),
        hash=_hash(role.name, role.description, *_links(role)),
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def token_fields(record: Record[Token], acl: Acl, *, secret: str) -> dict[str, Any]:
    token = record.value
    roles = [LinkOut(id=role.id, name=role.name) for role in acl.roles_of(token)]
    return links_out(token, acl) | {
        "accessor_id": token.accessor_id,
        "secret_id": secret,
        "description": token.description,
        "roles": roles or UNSET,
        "local": token.is_local,
        "auth_method": token.auth_method or UNSET,
        "expiration_time": token.expires_at or UNSET,
        "create_time": token.created_at,
        "hash": _hash(token.description, token.is_local, token.roles, *_links(token)),
        "create_index": record.create_index,
        "modify_index": record.modify_index,
    }


def expanded_fields(token: Token, acl: Acl) -> dict[str, Any]:
    """Everything that the token gets its rights from, in full."""
    roles = {role.id: role for role in acl.roles_of(token)}
    linked: list[Token | Role] = [token, *roles.values()]
    policies = dict.fromkeys(policy_id for each in linked for policy_id in each.policies)
    known = [acl.policies[policy_id] for policy_id in policies if policy_id in acl.policies]
    synthetic = {
        policy.id: policy_out(Record(policy, 0, 0))
        for each in linked
        for policy in synthetic_policies(each)
    }
    return {
        "expanded_policies": [policy_out(record) for record in known] + [*synthetic.values()],
        "expanded_roles": [role_out(acl.roles[role_id], acl) for role_id in roles],
    }


def synthetic_policies(linked: Token | Role) -> list[Policy]:
    policies = []
    for service in linked.service_identities:
        about = f'service identity "{service.service}"'
        rules = rules_of_service(service.service)
        policies.append(synthetic_policy(rules, about, service.datacenters))
    for node in linked.node_identities:
        about = f'node identity "{node.node}"'
        policies.append(synthetic_policy(rules_of_node(node.node), about, (node.datacenter,)))
    for link in linked.templated_policies:
        about = f'templated policy "{link.template}"'
        rules = rules_of_template(link.template, link.name)
        policies.append(synthetic_policy(rules, about, link.datacenters))
    return policies


def synthetic_policy(rules: Rules, about: str, datacenters: tuple[str, ...] = ()) -> Policy:
    """Its id is a hash of what it says, so that it is the same each time it is asked for."""
    text = rendered(rules)
    policy_id = blake2b(text.encode(), digest_size=16).hexdigest()
    return Policy(
        id=policy_id,
        name=f"synthetic-policy-{policy_id}",
        description=f"synthetic policy generated from {about}",
        rules=text,
        datacenters=datacenters,
    )


def _links(linked: Token | Role) -> tuple[object, ...]:
    return (
        linked.policies,
        linked.service_identities,
        linked.node_identities,
        linked.templated_policies,
    )


def _hash(*content: object) -> str:
    return b64encode(blake2b(msgspec.json.encode(content), digest_size=32).digest()).decode()
