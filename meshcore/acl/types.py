"""Who may do what: tokens, and what they are linked to; secrets stand here sealed or hashed."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

ANONYMOUS_TOKEN = "00000000-0000-0000-0000-000000000002"  # noqa: S105 an id, not a secret
ANONYMOUS_SECRET = "anonymous"  # noqa: S105 what everybody presents who presents nothing
GLOBAL_MANAGEMENT = "00000000-0000-0000-0000-000000000001"
GLOBAL_READ_ONLY = "00000000-0000-0000-0000-000000000002"

TokenLocality = Literal["local", "global"]
BindType = Literal["service", "node", "role", "policy", "templated-policy"]


class ServiceIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What a service and its sidecar need; no datacenters means in all of them."""

    service: str
    datacenters: tuple[str, ...] = ()


class NodeIdentity(msgspec.Struct, frozen=True, kw_only=True):
    node: str
    datacenter: str


class TemplatedPolicyLink(msgspec.Struct, frozen=True, kw_only=True):
    """A templated policy by its name, with the name that is put into it."""

    template: str
    name: str = ""
    datacenters: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    description: str = ""
    rules: str = ""
    datacenters: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """Links to policies are their ids, so that a policy can be renamed."""

    id: str
    name: str
    description: str = ""
    policies: tuple[str, ...] = ()
    service_identities: tuple[ServiceIdentity, ...] = ()
    node_identities: tuple[NodeIdentity, ...] = ()
    templated_policies: tuple[TemplatedPolicyLink, ...] = ()


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """`secret_hash` finds the token of a secret, `sealed_secret` is for reading it back."""

    accessor_id: str
    secret_hash: str
    sealed_secret: bytes
    created_at: datetime
    expires_at: datetime | None = None
    description: str = ""
    policies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    service_identities: tuple[ServiceIdentity, ...] = ()
    node_identities: tuple[NodeIdentity, ...] = ()
    templated_policies: tuple[TemplatedPolicyLink, ...] = ()
    is_local: bool = False
    auth_method: str = ""

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def __repr__(self) -> str:
        return f"Token({self.accessor_id}, {self.description!r})"


class JwtConfig(msgspec.Struct, frozen=True, kw_only=True, tag="jwt"):
    """Exactly one of `public_keys`, `jwks_url` and `discovery_url` says whose signature is good.

    The mappings lead from a claim, or a JSON pointer to one, to the name that selectors and bind
    names know it by.
    """

    public_keys: tuple[str, ...] = ()
    jwks_url: str = ""
    jwks_ca_pem: str = ""
    discovery_url: str = ""
    discovery_ca_pem: str = ""
    issuer: str = ""
    audiences: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    claim_mappings: dict[str, str] = {}
    list_claim_mappings: dict[str, str] = {}
    expiration_leeway: timedelta = timedelta()
    not_before_leeway: timedelta = timedelta()
    clock_skew_leeway: timedelta = timedelta()


class KubernetesConfig(msgspec.Struct, frozen=True, kw_only=True, tag="kubernetes"):
    """`sealed_reviewer_jwt` is the service account token with which TokenReview is asked."""

    host: str
    ca_pem: str = ""
    sealed_reviewer_jwt: bytes

    def __repr__(self) -> str:
        return f"KubernetesConfig({self.host!r})"


class AuthMethod(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    config: JwtConfig | KubernetesConfig
    display_name: str = ""
    description: str = ""
    max_token_ttl: timedelta = timedelta()
    token_locality: TokenLocality = "local"  # noqa: S105 no secret


class BindingRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a login by this method gets when its claims pass the selector; "" passes everybody."""

    id: str
    auth_method: str
    bind_type: BindType
    bind_name: str
    bind_variable: str = ""  # the name that is put into a templated policy
    selector: str = ""
    description: str = ""


class Bootstrap(msgspec.Struct, frozen=True, kw_only=True):
    """That the first management token was made; the record's index is what a reset has to name."""

    accessor_id: str
