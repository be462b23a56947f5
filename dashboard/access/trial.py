"""A dry run of a login: what the binding rules would give to somebody with these claims."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from dashboard.access import paths
from meshcore.acl.binding import (
    Claims,
    JwtClaims,
    KubernetesClaims,
    bind_name,
    interpolated,
    selects,
)
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig
from meshcore.acl.view import Acl
from meshcore.actions.logins import LoginRefusedError
from meshcore.lib.errors import InvalidError
from meshcore.logins.claims import mapped

LONGEST = 64 * 1024
KUBERNETES = '{\n  "serviceaccount": {"namespace": "default", "name": "web", "uid": "7f0e"}\n}\n'


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; `gives` is empty where the claims do not pass it."""

    title: str
    path: str
    is_this: bool
    gives: str = ""
    note: str = ""
    problem: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`variables` are the claims as rules see them."""

    problem: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def refusal(self) -> str:
        """Why there would be no token."""
        if any(step.problem for step in self.steps):
            return "The login is refused: a rule makes no good name of these claims."
        if not any(step.gives and not step.note for step in self.steps):
            return "The login is refused: no rule gives anything for these claims."
        return ""


def example(method: AuthMethod) -> str:
    """Claims to begin with: those that the method maps."""
    if not isinstance(method.config, JwtConfig):
        return KUBERNETES
    claims: dict[str, object] = {
        claim: "web" for claim in method.config.claim_mappings if not claim.startswith("/")
    }
    claims |= {claim: ["dev"] for claim in method.config.list_claim_mappings if claim[0] != "/"}
    return msgspec.json.format(msgspec.json.encode(claims), indent=2).decode() + "\n"


def trial(
    method: AuthMethod, rules: Iterable[BindingRule], text: str, acl: Acl, *, this: str
) -> Trial:
    """`this` is the id of the rule that is being edited."""
    try:
        claims = claims_in(method, text)
    except LoginRefusedError as error:
        return Trial(problem=error.reason)
    except InvalidError as error:
        return Trial(problem=str(error))
    return Trial(
        variables=tuple(seen(claims)),
        steps=tuple(step(rule, claims, acl, is_this=rule.id == this) for rule in rules),
    )


def claims_in(method: AuthMethod, text: str) -> Claims:
    """Raise InvalidError, or LoginRefusedError, for what is no such claims."""
    if len(text) > LONGEST:
        raise InvalidError(f"the claims are longer than {LONGEST} characters")
    try:
        if not isinstance(method.config, JwtConfig):
            return msgspec.json.decode(text, type=KubernetesClaims)
        return mapped(msgspec.json.decode(text, type=dict[str, Any]), method.config)
    except msgspec.DecodeError as error:
        raise InvalidError(f"the claims are no JSON object as it is wanted: {error}") from error


def seen(claims: Claims) -> Iterator[tuple[str, str]]:
    yield from claims.variables().items()
    if isinstance(claims, JwtClaims):
        for name, values in claims.lists.items():
            yield f"list.{name}", ", ".join(values)


def step(rule: BindingRule, claims: Claims, acl: Acl, *, is_this: bool) -> Step:
    title = f"{rule.bind_type} {rule.bind_name}"
    shown = Step(title=title, path=paths.of("binding-rules", rule.id), is_this=is_this)
    try:
        if not selects(rule, claims):
            return shown
        variables = claims.variables()
        name = bind_name(rule, variables)
        variable = interpolated(rule.bind_variable, variables)
    except InvalidError as error:
        return msgspec.structs.replace(shown, problem=str(error))
    gives = f"{rule.bind_type} {name}" + (f" for {variable}" if variable else "")
    return msgspec.structs.replace(shown, gives=gives, note=missing(rule, name, acl))


def missing(rule: BindingRule, name: str, acl: Acl) -> str:
    named = {"role": acl.role_named, "policy": acl.policy_named}.get(rule.bind_type)
    return "does not exist yet, so gives nothing" if named and named(name) is None else ""
