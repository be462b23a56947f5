"""What a token or role is linked to, as it is shown; what is gone or for elsewhere says so."""

from collections.abc import Iterator

import msgspec

from dashboard.access import paths
from meshcore.acl.resolution import is_for
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """`note` is why it grants nothing, if it does not."""

    kind: str
    name: str
    path: str = ""
    note: str = ""


def links_of(linked: Token | Role, acl: Acl, *, datacenter: str) -> Iterator[Link]:
    for policy_id in linked.policies:
        policy = acl.policy(policy_id)
        if policy is None:
            yield gone("policy", policy_id)
        else:
            note = elsewhere(policy.datacenters, datacenter)
            path = paths.of("policies", policy_id)
            yield Link(kind="policy", name=policy.name, path=path, note=note)
    for role_id in linked.roles if isinstance(linked, Token) else ():
        role = acl.role(role_id)
        if role is None:
            yield gone("role", role_id)
        else:
            yield Link(kind="role", name=role.name, path=paths.of("roles", role_id))
    yield from _identities(linked, datacenter)


def _identities(linked: Token | Role, datacenter: str) -> Iterator[Link]:
    for service in linked.service_identities:
        note = elsewhere(service.datacenters, datacenter)
        yield Link(kind="service identity", name=service.service, note=note)
    for node in linked.node_identities:
        note = elsewhere((node.datacenter,), datacenter)
        yield Link(kind="node identity", name=node.node, note=note)
    for link in linked.templated_policies:
        yield Link(
            kind="templated policy",
            name=f"{link.template} for {link.name}" if link.name else link.template,
            path=paths.of("templated-policies", link.template)
            + (f"?name={link.name}" if link.name else ""),
            note=elsewhere(link.datacenters, datacenter),
        )


def gone(kind: str, key: str) -> Link:
    return Link(kind=kind, name=key, note="deleted, grants nothing")


def elsewhere(datacenters: tuple[str, ...], datacenter: str) -> str:
    if is_for(datacenters, datacenter):
        return ""
    return f"only in {', '.join(datacenters)}, grants nothing here"
