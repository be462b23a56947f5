"""Auth methods as Consul writes them; the secret in a configuration comes in and never goes out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType, field, inspect

from meshcore.acl.types import AuthMethod, JwtConfig, KubernetesConfig
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError
from meshcore.lib.records import Record
from meshcore.wire.acl_links import Computed
from meshcore.wire.decoding import DurationIn, canonical, seconds, unknown_fields
from meshcore.wire.errors import Refusal
from meshcore.wire.names import In, Out

Config = JwtConfig | KubernetesConfig
Seal = Callable[[str], bytes]
Wanted = TypeVar("Wanted")

TYPES: dict[type[Config], str] = {JwtConfig: "jwt", KubernetesConfig: "kubernetes"}
LOCALITIES = ("", "local", "global")
HIDDEN = "<hidden>"


class AuthMethodIn(Computed, frozen=True, kw_only=True):
    """The format of names is taken and not used: Tulle's tokens are known by their ids."""

    name: str = ""
    type: str = ""
    display_name: str = ""
    description: str = ""
    max_token_ttl: DurationIn = None
    token_locality: str = ""
    token_name_format: str = ""
    config: dict[str, Any] | None = None
    namespace_rules: list[dict[str, Any]] | None = None


class JwtConfigIn(In, frozen=True, kw_only=True):
    jwt_validation_pub_keys: list[str] | None = None
    jwks_url: str = field(name="JWKSURL", default="")
    jwks_ca_cert: str = field(name="JWKSCACert", default="")
    oidc_discovery_url: str = field(name="OIDCDiscoveryURL", default="")
    oidc_discovery_ca_cert: str = field(name="OIDCDiscoveryCACert", default="")
    bound_issuer: str = ""
    bound_audiences: list[str] | None = None
    jwt_supported_algs: list[str] | None = None
    claim_mappings: dict[str, str] | None = None
    list_claim_mappings: dict[str, str] | None = None
    expiration_leeway: DurationIn = None
    not_before_leeway: DurationIn = None
    clock_skew_leeway: DurationIn = None


class KubernetesConfigIn(In, frozen=True, kw_only=True):
    host: str = ""
    ca_cert: str = ""
    service_account_jwt: str = ""


class AuthMethodStubOut(Out, frozen=True, kw_only=True):
    name: str
    type: str
    display_name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    max_token_ttl: str | UnsetType = UNSET
    token_locality: str
    create_index: int
    modify_index: int


class AuthMethodOut(AuthMethodStubOut, frozen=True, kw_only=True):
    config: dict[str, Any]


def auth_method_of(
    given: AuthMethodIn, *, name: str, before: Config | None, seal: Seal
) -> AuthMethod:
    """An update need not say the type again."""
    if given.token_locality not in LOCALITIES:
        raise InvalidError(
            "Invalid Auth Method: TokenLocality should be one of 'local' or 'global'"
        )
    if given.namespace_rules:
        raise Refusal(400, "NamespaceRules are a Consul Enterprise feature")
    type_ = given.type or (TYPES[type(before)] if before else "")
    return AuthMethod(
        name=name,
        config=_config(type_, given.config or {}, seal=seal),
        display_name=given.display_name,
        description=given.description,
        max_token_ttl=timedelta(seconds=seconds(given.max_token_ttl, what="MaxTokenTTL")),
        token_locality="global" if given.token_locality == "global" else "local",  # noqa: S105
    )


def _config(type_: str, document: dict[str, Any], *, seal: Seal) -> Config:
    if type_ == "jwt":
        return _jwt(_read(document, JwtConfigIn))
    if type_ == "kubernetes":
        return _kubernetes(_read(document, KubernetesConfigIn), seal=seal)
    raise InvalidError(
        f"Invalid Auth Method: Type should be one of: {', '.join(TYPES.values())}, not {type_!r}"
    )


def _read(document: dict[str, Any], wanted: type[Wanted]) -> Wanted:
    """An unknown setting is refused, as a misspelt bound would bind nothing; none if empty."""
    said = {name: value for name, value in document.items() if value}
    unknown = unknown_fields(msgspec.json.encode(said), wanted)
    if unknown:
        raise InvalidError(f'Invalid Auth Method: unknown field "{unknown[0]}" in Config')
    try:
        return msgspec.convert(canonical(said, inspect.type_info(wanted)), wanted)
    except msgspec.ValidationError as error:
        raise InvalidError(f"Invalid Auth Method: Config: {error}") from error


def _jwt(given: JwtConfigIn) -> JwtConfig:
    return JwtConfig(
        public_keys=tuple(given.jwt_validation_pub_keys or ()),
        jwks_url=given.jwks_url,
        jwks_ca_pem=given.jwks_ca_cert,
        discovery_url=given.oidc_discovery_url,
        discovery_ca_pem=given.oidc_discovery_ca_cert,
        issuer=given.bound_issuer,
        audiences=tuple(given.bound_audiences or ()),
        algorithms=tuple(given.jwt_supported_algs or ()),
        claim_mappings=given.claim_mappings or {},
        list_claim_mappings=given.list_claim_mappings or {},
        expiration_leeway=_leeway(given.expiration_leeway, "ExpirationLeeway"),
        not_before_leeway=_leeway(given.not_before_leeway, "NotBeforeLeeway"),
        clock_skew_leeway=_leeway(given.clock_skew_leeway, "ClockSkewLeeway"),
    )


def _leeway(given: DurationIn, what: str) -> timedelta:
    """A negative one says none, and is often the smallest that there is: one nanosecond."""
    value = seconds(given, what=what)
    return timedelta(seconds=value if value >= 0 else -1)


def _kubernetes(given: KubernetesConfigIn, *, seal: Seal) -> KubernetesConfig:
    host = given.host.rstrip("/")
    secret = given.service_account_jwt
    return KubernetesConfig(
        host=host if not host or "://" in host else f"https://{host}",
        ca_pem=given.ca_cert,
        sealed_reviewer_jwt=seal(secret) if secret not in ("", HIDDEN) else b"",
    )


def auth_method_stub_out(record: Record[AuthMethod]) -> AuthMethodStubOut:
    return AuthMethodStubOut(**_fields(record))


def auth_method_out(record: Record[AuthMethod]) -> AuthMethodOut:
    return AuthMethodOut(**_fields(record), config=_config_out(record.value.config))


def _fields(record: Record[AuthMethod]) -> dict[str, Any]:
    method = record.value
    return {
        "name": method.name,
        "type": TYPES[type(method.config)],
        "display_name": method.display_name or UNSET,
        "description": method.description or UNSET,
        "max_token_ttl": durations.render(method.max_token_ttl) if method.max_token_ttl else UNSET,
        "token_locality": method.token_locality,
        "create_index": record.create_index,
        "modify_index": record.modify_index,
    }


def _config_out(config: Config) -> dict[str, Any]:
    """What is set of it."""
    if isinstance(config, KubernetesConfig):
        return {"Host": config.host} | ({"CACert": config.ca_pem} if config.ca_pem else {})
    leeways = {
        "ExpirationLeeway": config.expiration_leeway,
        "NotBeforeLeeway": config.not_before_leeway,
        "ClockSkewLeeway": config.clock_skew_leeway,
    }
    fields = {
        "JWTValidationPubKeys": config.public_keys,
        "JWKSURL": config.jwks_url,
        "JWKSCACert": config.jwks_ca_pem,
        "OIDCDiscoveryURL": config.discovery_url,
        "OIDCDiscoveryCACert": config.discovery_ca_pem,
        "BoundIssuer": config.issuer,
        "BoundAudiences": config.audiences,
        "JWTSupportedAlgs": config.algorithms,
        "ClaimMappings": config.claim_mappings,
        "ListClaimMappings": config.list_claim_mappings,
        **{name: durations.render(leeway) for name, leeway in leeways.items() if leeway},
    }
    return {name: value for name, value in fields.items() if value}
