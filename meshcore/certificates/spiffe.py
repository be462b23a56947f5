"""Who a certificate speaks for: SPIFFE IDs in the forms that Consul uses.

The grammar is narrower than a URI's on purpose: no query, no port, no escapes, nothing that two
readers could take for different names.
"""

import re

import msgspec

from meshcore.lib.errors import InvalidError

LONGEST = 2048  # bytes, by the SPIFFE standard

TRUST_DOMAIN = r"(?P<trust_domain>[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?)"
DATACENTER = r"(?P<datacenter>[a-z0-9_-]{1,64})"
NAME = r"(?!\.{1,2}(/|$))[A-Za-z0-9._~-]{1,255}"


class ServiceId(msgspec.Struct, frozen=True, kw_only=True):
    trust_domain: str
    datacenter: str
    service: str

    @property
    def uri(self) -> str:
        return f"spiffe://{self.trust_domain}/ns/default/dc/{self.datacenter}/svc/{self.service}"


class AgentId(msgspec.Struct, frozen=True, kw_only=True):
    trust_domain: str
    datacenter: str
    node: str

    @property
    def uri(self) -> str:
        return f"spiffe://{self.trust_domain}/agent/client/dc/{self.datacenter}/id/{self.node}"


class ServerId(msgspec.Struct, frozen=True, kw_only=True):
    trust_domain: str
    datacenter: str

    @property
    def uri(self) -> str:
        return f"spiffe://{self.trust_domain}/agent/server/dc/{self.datacenter}"


class MeshGatewayId(msgspec.Struct, frozen=True, kw_only=True):
    trust_domain: str
    datacenter: str

    @property
    def uri(self) -> str:
        return f"spiffe://{self.trust_domain}/gateway/mesh/dc/{self.datacenter}"


class AuthorityId(msgspec.Struct, frozen=True, kw_only=True):
    """The trust domain itself: what its roots are certified for."""

    trust_domain: str

    @property
    def uri(self) -> str:
        return f"spiffe://{self.trust_domain}"


SpiffeId = ServiceId | AgentId | ServerId | MeshGatewayId | AuthorityId

FORMS: tuple[tuple[re.Pattern[str], type[SpiffeId]], ...] = tuple(
    (re.compile(f"spiffe://{TRUST_DOMAIN}{path}"), kind)
    for path, kind in (
        (f"/ns/default/dc/{DATACENTER}/svc/(?P<service>{NAME})", ServiceId),
        (f"/agent/client/dc/{DATACENTER}/id/(?P<node>{NAME})", AgentId),
        (f"/agent/server/dc/{DATACENTER}", ServerId),
        (f"/gateway/mesh/dc/{DATACENTER}", MeshGatewayId),
        ("", AuthorityId),
    )
)
KINDS: dict[type[SpiffeId], str] = {
    ServiceId: "a service",
    AgentId: "an agent",
    ServerId: "a server",
    MeshGatewayId: "a mesh gateway",
    AuthorityId: "a certificate authority",
}


def parse(uri: str, *, trust_domain: str | None = None) -> SpiffeId:
    """Raise InvalidError for what is no SPIFFE ID of ours; without a trust domain, any will do."""
    if len(uri) > LONGEST:
        raise InvalidError(f"SPIFFE ID of {len(uri)} characters: {LONGEST} are allowed")
    for form, kind in FORMS:
        if match := form.fullmatch(uri):
            identity = kind(**match.groupdict())
            if trust_domain is not None and identity.trust_domain != trust_domain:
                raise InvalidError(
                    f"{uri} is of trust domain {identity.trust_domain}, not {trust_domain}"
                )
            return identity
    raise InvalidError(f"{uri!r} is not a SPIFFE ID of a service, agent, server or gateway")


def checked(identity: SpiffeId) -> str:
    """Return the URI, or refuse a name from outside that a SPIFFE ID cannot carry."""
    uri = identity.uri
    if parse(uri) != identity:
        raise InvalidError(f"{uri!r} stands for another identity than the one it was made of")
    return uri


def kind_of(identity: SpiffeId) -> str:
    return KINDS[type(identity)]
