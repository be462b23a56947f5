"""Who holds what: the tokens and roles that a policy, a role or a method would be missed by."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from dashboard.access import paths
from dashboard.access.tokens import SHORT
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl

Holds = Callable[[Token | Role], Iterable[str]]  # the keys of what one is linked to


class Use(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    name: str
    path: str


def of_policies(linked: Token | Role) -> Iterable[str]:
    return linked.policies


def of_roles(linked: Token | Role) -> Iterable[str]:
    return linked.roles if isinstance(linked, Token) else ()


def of_templates(linked: Token | Role) -> Iterable[str]:
    return (link.template for link in linked.templated_policies)


def counted(acl: Acl, holds: Holds) -> Counter[str]:
    """How many tokens and roles hold each, all in one go."""
    return Counter(key for linked in _linked(acl) for key in dict.fromkeys(holds(linked)))


def uses(acl: Acl, holds: Holds, key: str) -> list[Use]:
    found = (use_of(linked) for linked in _linked(acl) if key in holds(linked))
    return sorted(found, key=lambda use: (use.kind, use.name))


def made_by(acl: Acl, auth_method: str) -> list[Use]:
    tokens = (record.value for record in acl.tokens.values())
    found = (use_of(token) for token in tokens if token.auth_method == auth_method)
    return sorted(found, key=lambda use: use.name)


def use_of(linked: Token | Role) -> Use:
    if isinstance(linked, Role):
        return Use(kind="role", name=linked.name, path=paths.of("roles", linked.id))
    name = linked.description or linked.accessor_id[:SHORT]
    return Use(kind="token", name=name, path=paths.of("tokens", linked.accessor_id))


def _linked(acl: Acl) -> Iterator[Token | Role]:
    yield from (record.value for record in acl.tokens.values())
    yield from (record.value for record in acl.roles.values())
