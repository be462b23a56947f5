"""From a presented secret to what its holder may do."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from meshcore.acl.identities import rules_of_node, rules_of_service, rules_of_template
from meshcore.acl.parsing import parse
from meshcore.acl.rules import Rules
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl
from meshcore.lib.errors import DeniedError

NOT_FOUND = "ACL not found"  # Consul's words: its clients look for them to log in again


class UnknownTokenError(DeniedError):
    """No token has this secret, or its time is over."""


class Grants(msgspec.Struct, frozen=True):
    """All that a holder's verdicts depend on: whoever has equal grants may do the same.

    Policies stand here with the index of their last change, so that equal grants have equal rules.
    """

    policies: frozenset[tuple[str, int]] = frozenset()
    services: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    templates: frozenset[tuple[str, str]] = frozenset()


def hashed(secret: str, *, key: bytes) -> str:
    """Hash a secret for look-up: without the key nobody can try secrets against a stolen log."""
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def holder(acl: Acl, secret_hash: str, *, now: datetime) -> Token:
    """Raise UnknownTokenError, which tells an expired token's holder why."""
    token = acl.token_hashed(secret_hash)
    if token is None or not hmac.compare_digest(token.secret_hash, secret_hash):
        raise UnknownTokenError(NOT_FOUND)
    if token.is_expired(now):
        assert token.expires_at is not None
        raise UnknownTokenError(f"{NOT_FOUND}: this token expired at {token.expires_at:%FT%TZ}")
    return token


def grants(token: Token, acl: Acl, *, datacenter: str) -> Grants:
    """What is linked but gone, or meant for other datacenters, grants nothing."""
    linked: tuple[Token | Role, ...] = (token, *acl.roles_of(token))
    return Grants(
        policies=frozenset(_policies(linked, acl, datacenter)),
        services=frozenset(
            identity.service
            for each in linked
            for identity in each.service_identities
            if is_for(identity.datacenters, datacenter)
        ),
        nodes=frozenset(
            identity.node
            for each in linked
            for identity in each.node_identities
            if identity.datacenter == datacenter
        ),
        templates=frozenset(
            (link.template, link.name)
            for each in linked
            for link in each.templated_policies
            if is_for(link.datacenters, datacenter)
        ),
    )


def _policies(
    linked: Iterable[Token | Role], acl: Acl, datacenter: str
) -> Iterator[tuple[str, int]]:
    for each in linked:
        for policy_id in each.policies:
            record = acl.policies.get(policy_id)
            if record is not None and is_for(record.value.datacenters, datacenter):
                yield policy_id, record.modify_index


def is_for(datacenters: tuple[str, ...], datacenter: str) -> bool:
    return not datacenters or datacenter in datacenters


def rule_sets(granted: Grants, acl: Acl) -> Iterator[Rules]:
    """Yield the rules of each policy and identity, from the view that the grants are from."""
    for policy_id, _ in granted.policies:
        yield parse(acl.policies[policy_id].value.rules)
    for service in granted.services:
        yield rules_of_service(service)
    for node in granted.nodes:
        yield rules_of_node(node)
    for template, name in granted.templates:
        yield rules_of_template(template, name)
