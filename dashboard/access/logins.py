"""The lists of auth methods and binding rules: who may log in, and what that gives."""

from collections import Counter

import msgspec

from dashboard.access import paths
from dashboard.pages import PageRequest
from dashboard.tables import Column, Empty, Facet, Listing, Table, listing
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig
from meshcore.lib import durations


class MethodRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    name: str
    type: str
    display_name: str
    description: str
    trusts: str
    ttl: str
    locality: str
    rules: int
    tokens: int

    @property
    def words(self) -> str:
        said = (self.name, self.type, self.display_name, self.description, self.trusts)
        return " ".join(said).lower()

    @property
    def path(self) -> str:
        return paths.of("auth-methods", self.name)


class BindingRuleRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    id: str
    auth_method: str
    bind_type: str
    bind_name: str
    bind_variable: str
    selector: str
    description: str

    @property
    def words(self) -> str:
        return " ".join(str(value) for value in msgspec.structs.astuple(self)).lower()

    @property
    def path(self) -> str:
        return paths.of("binding-rules", self.id)

    @property
    def method_path(self) -> str:
        return paths.of("auth-methods", self.auth_method)


def auth_methods(request: PageRequest) -> Listing[MethodRow]:
    acl = request.mesh.acl
    rules = Counter(record.value.auth_method for record in acl.binding_rules.values())
    tokens = Counter(record.value.auth_method for record in acl.tokens.values())
    rows = [
        method_row(record.value, rules=rules[name], tokens=tokens[name])
        for name, record in acl.auth_methods.items()
    ]
    return listing(METHODS, rows, request.params)


def binding_rules(request: PageRequest) -> Listing[BindingRuleRow]:
    rules = request.mesh.acl.binding_rules
    return listing(RULES, [rule_row(record.value) for record in rules.values()], request.params)


def method_row(method: AuthMethod, *, rules: int, tokens: int) -> MethodRow:
    return MethodRow(
        name=method.name,
        type="jwt" if isinstance(method.config, JwtConfig) else "kubernetes",
        display_name=method.display_name,
        description=method.description,
        trusts=trusted(method),
        ttl=durations.render(method.max_token_ttl) if method.max_token_ttl else "",
        locality=method.token_locality,
        rules=rules,
        tokens=tokens,
    )


def trusted(method: AuthMethod) -> str:
    """Whose word is taken for who somebody is."""
    config = method.config
    if not isinstance(config, JwtConfig):
        return config.host
    count = len(config.public_keys)
    keys = f"{count} public {'key' if count == 1 else 'keys'}" if count else ""
    return config.jwks_url or config.discovery_url or keys


def rule_row(rule: BindingRule) -> BindingRuleRow:
    return BindingRuleRow(
        id=rule.id,
        auth_method=rule.auth_method,
        bind_type=rule.bind_type,
        bind_name=rule.bind_name,
        bind_variable=rule.bind_variable,
        selector=rule.selector,
        description=rule.description,
    )


METHODS: Table[MethodRow] = Table(
    one="auth method",
    many="auth methods",
    row_type=MethodRow,
    keeps=("tab",),
    example='Type == "jwt"',
    words=lambda row: row.words,
    sort="name",
    columns=(
        Column(name="name", label="Auth method", value=lambda row: row.name),
        Column(name="type", label="Type", value=lambda row: row.type),
        Column(name="trusts", label="Trusts", value=lambda row: row.trusts),
        Column(name="ttl", label="Tokens last", value=lambda row: row.ttl, is_sortable=False),
        Column(name="rules", label="Binding rules", value=lambda row: row.rules, is_number=True),
        Column(name="tokens", label="Tokens", value=lambda row: row.tokens, is_number=True),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(name="locality", label="Locality", value=lambda row: row.locality, is_optional=True),
    ),
    facets=(Facet(name="type", label="Type", values=lambda row: (row.type,)),),
    none_yet=Empty(
        title="No auth methods yet",
        text="With one, people and workloads log in by what they have already: a signed JSON web"
        " token, or a service account of Kubernetes.",
        line="tulle acl auth-method create --name sso --type jwt --config sso.hcl",
        icon_name="user",
    ),
)

RULES: Table[BindingRuleRow] = Table(
    one="binding rule",
    many="binding rules",
    row_type=BindingRuleRow,
    keeps=("tab",),
    example='BindType == "service"',
    words=lambda row: row.words,
    sort="method",
    columns=(
        Column(
            name="gives",
            label="Gives",
            value=lambda row: f"{row.bind_type} {row.bind_name}",
        ),
        Column(name="selector", label="When", value=lambda row: row.selector),
        Column(name="method", label="Auth method", value=lambda row: row.auth_method),
        Column(name="description", label="Description", value=lambda row: row.description),
        Column(name="id", label="ID", value=lambda row: row.id, is_optional=True),
    ),
    facets=(
        Facet(name="method", label="Auth method", values=lambda row: (row.auth_method,)),
        Facet(name="gives", label="Gives", values=lambda row: (row.bind_type,)),
    ),
    none_yet=Empty(
        title="No binding rules yet",
        text="A login whose claims pass no rule is refused: each auth method needs one to be of"
        " use.",
        line="tulle acl binding-rule create --method sso --bind-type role --bind-name ops",
        icon_name="link",
    ),
)
