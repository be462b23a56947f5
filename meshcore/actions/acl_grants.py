"""Writing policies and roles: what tokens are linked to, and so what their holders may do."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from meshcore.acl.links import require_links
from meshcore.acl.names import require_policy, require_role
from meshcore.acl.parsing import parse
from meshcore.acl.types import Policy, Role, Token
from meshcore.acl.view import BUILTIN, Acl
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.types import Change, Mesh, Topic

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Linked = TypeVar("Linked", Token, Role)


def create_policy(mesh: Mesh, policy: Policy) -> Iterator[Change]:
    require_id(policy.id, what="Policy ID")
    if policy.id in mesh.acl.policies:
        raise InvalidError(f"Invalid Policy: the ID {policy.id} is already in use")
    _require_good(policy, mesh.acl)
    yield Change(Topic.POLICY, (policy.id,), None, policy)


def update_policy(mesh: Mesh, policy: Policy) -> Iterator[Change]:
    before = _policy(mesh.acl, policy.id, otherwise=f"cannot find policy {policy.id}")
    if policy.id in BUILTIN:
        raise InvalidError(f"Changing the builtin {before.name} policy is not permitted")
    _require_good(policy, mesh.acl)
    if policy != before:
        yield Change(Topic.POLICY, (policy.id,), before, policy)


def delete_policy(mesh: Mesh, policy_id: str) -> Iterator[Change]:
    """Whatever is linked to it stays, and is granted nothing by the link any more."""
    before = _policy(mesh.acl, policy_id, otherwise="Cannot find policy to delete")
    if policy_id in BUILTIN:
        raise InvalidError(f"Delete operation not permitted on the builtin {before.name} policy")
    yield Change(Topic.POLICY, (policy_id,), before, None)


def create_role(mesh: Mesh, role: Role) -> Iterator[Change]:
    """Its policies may be given by id or by name."""
    require_id(role.id, what="Role ID")
    if role.id in mesh.acl.roles:
        raise InvalidError(f"Invalid Role: the ID {role.id} is already in use")
    yield Change(Topic.ROLE, (role.id,), None, _good_role(role, mesh.acl))


def update_role(mesh: Mesh, role: Role) -> Iterator[Change]:
    before = mesh.acl.role(role.id)
    if before is None:
        raise NotFoundError(f"cannot find role {role.id}")
    after = _good_role(role, mesh.acl)
    if after != before:
        yield Change(Topic.ROLE, (role.id,), before, after)


def delete_role(mesh: Mesh, role_id: str) -> Iterator[Change]:
    before = mesh.acl.role(role_id)
    if before is None:
        raise NotFoundError("Cannot find role to delete")
    yield Change(Topic.ROLE, (role_id,), before, None)


def resolved(linked: Linked, acl: Acl) -> Linked:
    """Turn names into ids and drop what stands twice; refuse links that lead nowhere."""
    missing: list[str] = []
    policies = _ids(linked.policies, acl.policy, acl.policy_named, missing, what="policy")
    after = msgspec.structs.replace(
        linked,
        policies=policies,
        service_identities=tuple(dict.fromkeys(linked.service_identities)),
        node_identities=tuple(dict.fromkeys(linked.node_identities)),
        templated_policies=tuple(dict.fromkeys(linked.templated_policies)),
    )
    if isinstance(linked, Token):
        roles = _ids(linked.roles, acl.role, acl.role_named, missing, what="role")
        after = msgspec.structs.replace(after, roles=roles)
    if missing:
        raise InvalidError("; ".join(missing))
    for identity in linked.node_identities:
        if not identity.datacenter:
            raise InvalidError(f'Node identity "{identity.node}" is missing the datacenter field')
    try:
        require_links(after, acl)
    except NotFoundError as error:  # what is missing is not what the caller asked to write
        raise InvalidError(str(error)) from error
    return after


def require_id(text: str, *, what: str) -> None:
    if not UUID.fullmatch(text):
        raise InvalidError(f"{what} is not a valid UUID")


def _ids(
    references: Iterable[str],
    of_id: Callable[[str], Policy | Role | None],
    of_name: Callable[[str], Policy | Role | None],
    missing: list[str],
    *,
    what: str,
) -> tuple[str, ...]:
    found: list[str] = []
    for reference in references:
        value = of_id(reference) or of_name(reference)
        if value is None:
            by = "ID" if UUID.fullmatch(reference) else "name"
            missing.append(f'No such ACL {what} with {by} "{reference}"')
        else:
            found.append(value.id)
    return tuple(dict.fromkeys(found))


def _policy(acl: Acl, policy_id: str, *, otherwise: str) -> Policy:
    policy = acl.policy(policy_id)
    if policy is None:
        raise NotFoundError(otherwise)
    return policy


def _require_good(policy: Policy, acl: Acl) -> None:
    if not policy.name:
        raise InvalidError("Invalid Policy: no Name is set")
    require_policy(policy.name)
    if acl.policy_ids.get(policy.name, policy.id) != policy.id:
        raise InvalidError(f'Invalid Policy: A policy with name "{policy.name}" already exists')
    parse(policy.rules)


def _good_role(role: Role, acl: Acl) -> Role:
    if not role.name:
        raise InvalidError("Invalid Role: no Name is set")
    require_role(role.name)
    if acl.role_ids.get(role.name, role.id) != role.id:
        raise InvalidError(f'Invalid Role: A role with name "{role.name}" already exists')
    return resolved(role, acl)
