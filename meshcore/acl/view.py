"""Tokens, and what they are linked to, at one change index."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from immutables import Map

from meshcore.acl.builtin import BUILTIN_POLICIES
from meshcore.acl.types import (
    GLOBAL_MANAGEMENT,
    AuthMethod,
    BindingRule,
    Bootstrap,
    Policy,
    Role,
    Token,
)
from meshcore.lib.records import Record

Value = TypeVar("Value")
Named = Policy | Role

BUILTIN = Map({policy.id: Record(policy, 1, 1) for policy in BUILTIN_POLICIES})
BUILTIN_NAMES = Map({policy.name: policy.id for policy in BUILTIN_POLICIES})


class Acl(msgspec.Struct, frozen=True):
    tokens: Map[str, Record[Token]] = Map()  # by accessor
    accessors: Map[str, str] = Map()  # by the hash of the token's secret
    policies: Map[str, Record[Policy]] = BUILTIN
    policy_ids: Map[str, str] = BUILTIN_NAMES
    roles: Map[str, Record[Role]] = Map()
    role_ids: Map[str, str] = Map()
    auth_methods: Map[str, Record[AuthMethod]] = Map()
    binding_rules: Map[str, Record[BindingRule]] = Map()
    bootstrap: Record[Bootstrap] | None = None

    def token(self, accessor_id: str) -> Token | None:
        return _value(self.tokens, accessor_id)

    def token_hashed(self, secret_hash: str) -> Token | None:
        """The token whose secret has this hash, expired or not."""
        accessor_id = self.accessors.get(secret_hash)
        return self.token(accessor_id) if accessor_id is not None else None

    def policy(self, policy_id: str) -> Policy | None:
        return _value(self.policies, policy_id)

    def policy_named(self, name: str) -> Policy | None:
        policy_id = self.policy_ids.get(name)
        return self.policy(policy_id) if policy_id is not None else None

    def role(self, role_id: str) -> Role | None:
        return _value(self.roles, role_id)

    def role_named(self, name: str) -> Role | None:
        role_id = self.role_ids.get(name)
        return self.role(role_id) if role_id is not None else None

    def auth_method(self, name: str) -> AuthMethod | None:
        return _value(self.auth_methods, name)

    def binding_rule(self, rule_id: str) -> BindingRule | None:
        return _value(self.binding_rules, rule_id)

    def rules_of_method(self, auth_method: str) -> tuple[BindingRule, ...]:
        """In the order of their ids, which a login's identities come out in."""
        rules = (record.value for _, record in sorted(self.binding_rules.items()))
        return tuple(rule for rule in rules if rule.auth_method == auth_method)

    def roles_of(self, token: Token) -> Iterator[Role]:
        """Those that are still there: a role can be deleted while tokens are linked to it."""
        return (role for role_id in token.roles if (role := self.role(role_id)) is not None)

    def is_management(self, token: Token) -> bool:
        """Tell whether the token has everything by the policy that cannot be taken away."""
        return GLOBAL_MANAGEMENT in token.policies or any(
            GLOBAL_MANAGEMENT in role.policies for role in self.roles_of(token)
        )

    def management_tokens(self) -> Iterator[Token]:
        tokens = (record.value for record in self.tokens.values())
        return (token for token in tokens if self.is_management(token))

    def with_token(self, accessor_id: str, record: Record[Token] | None) -> "Acl":
        before, after = self.token(accessor_id), record.value if record else None
        return msgspec.structs.replace(
            self,
            tokens=_placed(self.tokens, accessor_id, record),
            accessors=_renamed(
                self.accessors,
                accessor_id,
                before.secret_hash if before else None,
                after.secret_hash if after else None,
            ),
        )

    def with_policy(self, policy_id: str, record: Record[Policy] | None) -> "Acl":
        names = _name(self.policy(policy_id)), _name(record.value if record else None)
        return msgspec.structs.replace(
            self,
            policies=_placed(self.policies, policy_id, record),
            policy_ids=_renamed(self.policy_ids, policy_id, *names),
        )

    def with_role(self, role_id: str, record: Record[Role] | None) -> "Acl":
        names = _name(self.role(role_id)), _name(record.value if record else None)
        return msgspec.structs.replace(
            self,
            roles=_placed(self.roles, role_id, record),
            role_ids=_renamed(self.role_ids, role_id, *names),
        )

    def with_auth_method(self, name: str, record: Record[AuthMethod] | None) -> "Acl":
        return msgspec.structs.replace(self, auth_methods=_placed(self.auth_methods, name, record))

    def with_binding_rule(self, rule_id: str, record: Record[BindingRule] | None) -> "Acl":
        rules = _placed(self.binding_rules, rule_id, record)
        return msgspec.structs.replace(self, binding_rules=rules)

    def with_bootstrap(self, record: Record[Bootstrap] | None) -> "Acl":
        return msgspec.structs.replace(self, bootstrap=record)


def _value(records: Map[str, Record[Value]], key: str) -> Value | None:
    record = records.get(key)
    return record.value if record else None


def _name(value: Named | None) -> str | None:
    return value.name if value else None


def _placed(
    records: Map[str, Record[Value]], key: str, record: Record[Value] | None
) -> Map[str, Record[Value]]:
    if record is not None:
        return records.set(key, record)
    return records.delete(key) if key in records else records


def _renamed(keys: Map[str, str], key: str, before: str | None, after: str | None) -> Map[str, str]:
    """Follow a rename; a name that went to another key meanwhile stays there."""
    if before is not None and before != after and keys.get(before) == key:
        keys = keys.delete(before)
    return keys.set(after, key) if after is not None else keys
