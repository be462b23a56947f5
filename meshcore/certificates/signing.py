"""Leaves: certificates of services, and of the server's own TLS endpoint.

Keys come from the cryptography library's generator and serials from its `random_serial_number`;
everything else here follows from the arguments.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from meshcore.certificates import requests
from meshcore.certificates.authority import BACKDATED, Authority, hex_serial, pem, pem_of_key
from meshcore.certificates.sealing import SealingKey, seal, unseal
from meshcore.certificates.spiffe import ServerId, ServiceId, checked, kind_of
from meshcore.certificates.types import Leaf, Lifetimes
from meshcore.lib.errors import InvalidError, NotFoundError

# Its key never leaves the process, and each replacement is a risk (xds/server.py): so, a long one.
SERVER_LIFETIME = timedelta(days=365)
NO_SUBJECT = x509.Name([])
NOT_AN_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)
CLIENT_AND_SERVER = x509.ExtendedKeyUsage(
    [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
)


def _usage(*, agrees: bool, enciphers: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_agreement=agrees,
        key_encipherment=enciphers,
        data_encipherment=enciphers,
        content_commitment=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


EC_USAGE = _usage(agrees=True, enciphers=False)
RSA_USAGE = _usage(agrees=False, enciphers=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """The chain and key that a TLS endpoint of this server is given; kept in memory alone."""

    spiffe_id: str
    root_id: str
    certificate_pem: str
    key_pem: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime


def issue(
    identity: ServiceId,
    *,
    authority: Authority,
    now: datetime,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> Leaf:
    """Make a key for the service and certify it; the key leaves here sealed."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certify_service(identity, key.public_key(), authority, now, lifetimes)
    leaf = _leaf(identity, certificate, authority)
    sealed = seal(pem_of_key(key), key=sealing_key, context=_context(leaf))
    return msgspec.structs.replace(leaf, sealed_key=sealed)


def sign_csr(
    csr_pem: str, *, expected: ServiceId, authority: Authority, now: datetime, lifetimes: Lifetimes
) -> Leaf:
    """Certify the caller's own key, if the request is for exactly the identity it may have."""
    identity, public_key = requests.read(csr_pem, trust_domain=authority.root.trust_domain)
    if not isinstance(identity, ServiceId):
        raise InvalidError(f"the CSR asks for the identity of {kind_of(identity)}, not a service")
    if identity != expected:
        raise InvalidError(f"the CSR asks for {identity.uri}, where {expected.uri} is allowed")
    certificate = _certify_service(identity, public_key, authority, now, lifetimes)
    return _leaf(identity, certificate, authority)


def key_pem(leaf: Leaf, *, keys: Iterable[SealingKey]) -> bytes:
    """Unseal the private key of a leaf that was issued with one."""
    if leaf.sealed_key is None:
        raise NotFoundError(f"the key of {leaf.spiffe_id} ({leaf.serial}) never left its owner")
    return unseal(leaf.sealed_key, keys=keys, context=_context(leaf))


def server_certificate(
    *,
    datacenter: str,
    hosts: Iterable[str] = (),
    authority: Authority,
    now: datetime,
) -> ServerCertificate:
    """For the xDS endpoint: good for its SPIFFE ID, Consul's server name, loopback and `hosts`."""
    trust_domain = authority.root.trust_domain
    identity = ServerId(trust_domain=trust_domain, datacenter=datacenter)
    names = ["localhost", "127.0.0.1", "::1", *hosts]
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certify(
        [
            x509.UniformResourceIdentifier(checked(identity)),
            x509.DNSName(f"server.{datacenter}.{trust_domain}"),
            *(_host(name) for name in dict.fromkeys(names)),
        ],
        key.public_key(),
        authority,
        now,
        SERVER_LIFETIME,
    )
    return ServerCertificate(
        spiffe_id=identity.uri,
        root_id=authority.root.id,
        certificate_pem=pem(certificate) + authority.intermediates_pem,
        key_pem=pem_of_key(key),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _certify_service(
    identity: ServiceId,
    public_key: requests.PublicKey,
    authority: Authority,
    now: datetime,
    lifetimes: Lifetimes,
) -> x509.Certificate:
    if identity.trust_domain != authority.root.trust_domain:
        raise InvalidError(f"{identity.uri} is not of trust domain {authority.root.trust_domain}")
    names = [x509.UniformResourceIdentifier(checked(identity))]
    return _certify(names, public_key, authority, now, lifetimes.leaf)


def _certify(
    names: Sequence[x509.GeneralName],
    public_key: requests.PublicKey,
    authority: Authority,
    now: datetime,
    lifetime: timedelta,
) -> x509.Certificate:
    root = authority.root
    if not root.not_before <= now < root.not_after:
        raise InvalidError(f"root {root.id} cannot sign: it is valid until {root.not_after}")
    now = now.replace(microsecond=0)
    # RFC 5280 wants the names critical where the subject is empty.
    return (
        x509.CertificateBuilder(
            issuer_name=authority.certificate.subject,
            subject_name=NO_SUBJECT,
            public_key=public_key,
            serial_number=x509.random_serial_number(),
            not_valid_before=max(now - BACKDATED, root.not_before),
            not_valid_after=min(now + lifetime, root.not_after),
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(NOT_AN_AUTHORITY, critical=True)
        .add_extension(
            RSA_USAGE if isinstance(public_key, rsa.RSAPublicKey) else EC_USAGE, critical=True
        )
        .add_extension(CLIENT_AND_SERVER, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(authority.authority_key_identifier, critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _leaf(identity: ServiceId, certificate: x509.Certificate, authority: Authority) -> Leaf:
    return Leaf(
        service=identity.service,
        spiffe_id=identity.uri,
        serial=hex_serial(certificate.serial_number),
        certificate_pem=pem(certificate) + authority.intermediates_pem,
        sealed_key=None,
        root_id=authority.root.id,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    if not name.isascii():
        raise InvalidError(f"host {name!r} cannot stand in a certificate: write it in ASCII")
    return x509.DNSName(name)


def _context(leaf: Leaf) -> str:
    return f"leaf key {leaf.spiffe_id} {leaf.serial}"
