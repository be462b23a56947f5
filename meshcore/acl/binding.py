"""What a login gets: the binding rules that its claims pass, their names made of the claims."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
from msgspec import field

from meshcore.acl.identities import rules_of_template, template_named
from meshcore.acl.names import require_node, require_policy, require_role, require_service
from meshcore.acl.types import (
    BindingRule,
    BindType,
    NodeIdentity,
    ServiceIdentity,
    TemplatedPolicyLink,
)
from meshcore.acl.view import Acl
from meshcore.lib.bexpr import Predicate, compile_filter
from meshcore.lib.errors import InvalidError

# `$${` is how a literal `${` is written.
VARIABLE = re.compile(r"(?P<escaped>\$\$\{)|\$\{\s*(?P<name>[^{}]*?)\s*\}|(?P<open>\$\{)")
SAMPLE = "sample"  # stands for a claim while a rule is checked

REQUIRE = {
    "service": require_service,
    "node": require_node,
    "policy": require_policy,
    "role": require_role,
}


class ServiceAccount(msgspec.Struct, frozen=True):
    namespace: str
    name: str
    uid: str


class KubernetesClaims(msgspec.Struct, frozen=True):
    service_account: ServiceAccount = field(name="serviceaccount")

    def variables(self) -> dict[str, str]:
        fields = msgspec.structs.asdict(self.service_account)
        return {f"serviceaccount.{name}": value for name, value in fields.items()}


class JwtClaims(msgspec.Struct, frozen=True):
    """Claims under the names that the auth method maps them to; lists can only be selected by."""

    values: dict[str, str] = field(name="value", default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(name="list", default_factory=dict)

    def variables(self) -> dict[str, str]:
        return {f"value.{name}": value for name, value in self.values.items()}


Claims = KubernetesClaims | JwtClaims


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """The links of the token that a login makes; without any there is no token."""

    policies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    service_identities: tuple[ServiceIdentity, ...] = ()
    node_identities: tuple[NodeIdentity, ...] = ()
    templated_policies: tuple[TemplatedPolicyLink, ...] = ()

    def __bool__(self) -> bool:
        return any(msgspec.structs.astuple(self))


def bound(rules: Iterable[BindingRule], claims: Claims, acl: Acl, *, datacenter: str) -> Bindings:
    """Raise InvalidError for a name that the claims make and that is none; unknown roles and
    policies are passed over, as they may be made later."""
    variables = claims.variables()
    found: dict[BindType, list[tuple[str, str]]] = {}
    for rule in rules:
        if selects(rule, claims):
            names = bind_name(rule, variables), interpolated(rule.bind_variable, variables)
            found.setdefault(rule.bind_type, []).append(names)
    policies = (acl.policy_named(name) for name, _ in found.get("policy", ()))
    roles = (acl.role_named(name) for name, _ in found.get("role", ()))
    return Bindings(
        policies=tuple(dict.fromkeys(policy.id for policy in policies if policy)),
        roles=tuple(dict.fromkeys(role.id for role in roles if role)),
        service_identities=tuple(
            dict.fromkeys(ServiceIdentity(service=name) for name, _ in found.get("service", ()))
        ),
        node_identities=tuple(
            dict.fromkeys(
                NodeIdentity(node=name, datacenter=datacenter) for name, _ in found.get("node", ())
            )
        ),
        templated_policies=tuple(
            dict.fromkeys(
                TemplatedPolicyLink(template=template, name=name)
                for template, name in found.get("templated-policy", ())
            )
        ),
    )


def selects(rule: BindingRule, claims: Claims) -> bool:
    return not rule.selector or bool(_selector(rule.selector, type(claims))(claims))


@lru_cache(1024)
def _selector(text: str, claims: type[Claims]) -> Predicate:
    return compile_filter(text, claims)


def require_rule(rule: BindingRule, sample: Claims) -> None:
    """Raise InvalidError for a rule that no login by this method could ever use.

    `sample` has every claim that the method maps, with any value that makes a good name.
    """
    if rule.selector:
        _selector(rule.selector, type(sample))
    if not rule.bind_name:
        raise InvalidError("a binding rule needs a bind name")
    if rule.bind_type != "templated-policy" and rule.bind_variable:
        raise InvalidError(f"bind variables are for templated-policy, not for {rule.bind_type}")
    variables = sample.variables()
    name = bind_name(rule, variables)
    if rule.bind_type == "templated-policy":
        rules_of_template(name, interpolated(rule.bind_variable, variables))


def kubernetes_sample() -> KubernetesClaims:
    return KubernetesClaims(ServiceAccount(SAMPLE, SAMPLE, SAMPLE))


def jwt_sample(claim_mappings: Mapping[str, str], lists: Mapping[str, str]) -> JwtClaims:
    """Build from the method's own mappings what `require_rule` wants."""
    return JwtClaims(
        dict.fromkeys(claim_mappings.values(), SAMPLE),
        dict.fromkeys(lists.values(), (SAMPLE,)),
    )


def bind_name(rule: BindingRule, variables: Mapping[str, str]) -> str:
    """A templated policy is named as it is: only its variable has claims in it."""
    if rule.bind_type == "templated-policy":
        return template_named(rule.bind_name).name
    name = interpolated(rule.bind_name, variables)
    REQUIRE[rule.bind_type](name)
    return name


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """Put the claims into `${...}`; refuse upper case, which names of services do not have."""

    def replaced(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        if match["open"]:
            raise InvalidError(f'"{text}" has a "${{" that is not closed')
        value = variables.get(match["name"])
        if value is None:
            known = ", ".join(sorted(variables)) or "none"
            raise InvalidError(f'"{text}" needs {match["name"]}; known here are {known}')
        if value != value.lower():
            raise InvalidError(
                f'"{text}" would become a name with capitals: {match["name"]} is "{value}"'
            )
        return value

    return VARIABLE.sub(replaced, text)
