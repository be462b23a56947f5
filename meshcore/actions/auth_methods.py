"""Auth methods, and the binding rules that say what a login by them gets."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from meshcore.acl.binding import Claims, jwt_sample, kubernetes_sample, require_rule
from meshcore.acl.names import require_auth_method
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig, KubernetesConfig
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.lib.urls import trustworthy
from meshcore.mesh.types import Change, Mesh, Topic

SHORTEST_TTL = timedelta(minutes=1)
LONGEST_TTL = timedelta(hours=24)
MOST_KEYS = 64
# With a shared secret whoever can check a signature can also make one.
ALGORITHMS = (
    *("RS256", "RS384", "RS512"),
    *("ES256", "ES384", "ES512"),
    *("PS256", "PS384", "PS512"),
    "EdDSA",
)


def put_method(mesh: Mesh, method: AuthMethod) -> Iterator[Change]:
    """Create the method, or replace the one of this name; its type stays."""
    require_auth_method(method.name)
    before = mesh.acl.auth_method(method.name)
    if before is not None and type(before.config) is not type(method.config):
        raise InvalidError(f'the type of auth method "{method.name}" cannot be changed')
    require_ttl(method.max_token_ttl)
    match method.config:
        case JwtConfig():
            require_jwt(method.config)
        case KubernetesConfig():
            config = with_reviewer(method.config, before.config if before else None)
            require_kubernetes(config)
            method = msgspec.structs.replace(method, config=config)
    if method != before:
        yield Change(Topic.AUTH_METHOD, (method.name,), before, method)


def delete_method(mesh: Mesh, name: str) -> Iterator[Change]:
    """Delete the method with its binding rules and all tokens that were made by it."""
    method = mesh.acl.auth_method(name)
    if method is None:
        return
    for record in mesh.acl.tokens.values():
        if record.value.auth_method == name:
            yield Change(Topic.TOKEN, (record.value.accessor_id,), record.value, None)
    for rule in mesh.acl.rules_of_method(name):
        yield Change(Topic.BINDING_RULE, (rule.id,), rule, None)
    yield Change(Topic.AUTH_METHOD, (name,), method, None)


def create_rule(mesh: Mesh, rule: BindingRule) -> Iterator[Change]:
    require_rule(rule, sample_of(method_of(mesh, rule)))
    yield Change(Topic.BINDING_RULE, (rule.id,), None, rule)


def update_rule(mesh: Mesh, rule: BindingRule) -> Iterator[Change]:
    """Replace the rule; its auth method stays, and need not be said again."""
    before = mesh.acl.binding_rule(rule.id)
    if before is None:
        raise NotFoundError(f"cannot find binding rule {rule.id}")
    if rule.auth_method not in ("", before.auth_method):
        raise InvalidError(f"the auth method of binding rule {rule.id} cannot be changed")
    rule = msgspec.structs.replace(rule, auth_method=before.auth_method)
    require_rule(rule, sample_of(method_of(mesh, rule)))
    if rule != before:
        yield Change(Topic.BINDING_RULE, (rule.id,), before, rule)


def delete_rule(mesh: Mesh, rule_id: str) -> Iterator[Change]:
    rule = mesh.acl.binding_rule(rule_id)
    if rule is not None:
        yield Change(Topic.BINDING_RULE, (rule_id,), rule, None)


def method_of(mesh: Mesh, rule: BindingRule) -> AuthMethod:
    method = mesh.acl.auth_method(rule.auth_method)
    if method is None:
        raise NotFoundError(f'cannot find auth method with name "{rule.auth_method}"')
    return method


def sample_of(method: AuthMethod) -> Claims:
    """Claims as this method's logins have them."""
    if isinstance(method.config, KubernetesConfig):
        return kubernetes_sample()
    return jwt_sample(method.config.claim_mappings, method.config.list_claim_mappings)


def require_ttl(ttl: timedelta) -> None:
    if ttl and not SHORTEST_TTL <= ttl <= LONGEST_TTL:
        bound = f"less than {durations.render(SHORTEST_TTL)}"
        if ttl > LONGEST_TTL:
            bound = f"more than {durations.render(LONGEST_TTL)}"
        raise InvalidError(f"MaxTokenTTL {durations.render(ttl)} cannot be {bound}")


def require_jwt(config: JwtConfig) -> None:
    ways = bool(config.public_keys), bool(config.jwks_url), bool(config.discovery_url)
    if sum(ways) != 1:
        raise InvalidError(
            "exactly one of JWTValidationPubKeys, JWKSURL and OIDCDiscoveryURL must be set"
        )
    if len(config.public_keys) > MOST_KEYS:
        raise InvalidError(f"JWTValidationPubKeys holds more than {MOST_KEYS} keys")
    if config.jwks_url:
        trustworthy(config.jwks_url, what="JWKSURL")
    if config.discovery_url:
        trustworthy(config.discovery_url, what="OIDCDiscoveryURL")
    for algorithm in config.algorithms:
        if algorithm not in ALGORITHMS:
            raise InvalidError(
                f'JWTSupportedAlgs takes {", ".join(ALGORITHMS)}, but not "{algorithm}"'
            )
    for mappings in (config.claim_mappings, config.list_claim_mappings):
        require_mappings(mappings)


def require_mappings(mappings: dict[str, str]) -> None:
    """Two claims under one name would make it a matter of chance which of them binds."""
    names = list(mappings.values())
    for claim, name in mappings.items():
        if not claim or not name:
            raise InvalidError("a claim mapping needs the name of a claim and a name for it")
        if names.count(name) > 1:
            raise InvalidError(f'two claims are mapped to the same name "{name}"')


def require_kubernetes(config: KubernetesConfig) -> None:
    if not config.host:
        raise InvalidError("Host is missing: the URL of the Kubernetes API server")
    if not config.sealed_reviewer_jwt:
        raise InvalidError("ServiceAccountJWT is missing: the token that may review others")
    trustworthy(config.host, what="Host")


def with_reviewer(
    config: KubernetesConfig, before: JwtConfig | KubernetesConfig | None
) -> KubernetesConfig:
    """Keep the token that nobody can read back, unless it would be shown to another server."""
    if config.sealed_reviewer_jwt or not isinstance(before, KubernetesConfig):
        return config
    if (config.host, config.ca_pem) != (before.host, before.ca_pem):
        return config
    return msgspec.structs.replace(config, sealed_reviewer_jwt=before.sealed_reviewer_jwt)
