"""Certificate authorities: making a root, having an older one vouch for it, loading one to sign.

The key pair comes from the cryptography library's generator and the serial from its
`random_serial_number`; everything else here follows from the arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from meshcore.certificates.sealing import SealingKey, seal, unseal
from meshcore.certificates.spiffe import AuthorityId, checked
from meshcore.certificates.types import Lifetimes, Root
from meshcore.lib.errors import InvalidError

BACKDATED = timedelta(minutes=1)  # for verifiers whose clock is behind

# Consul's clients read a root's serial as an unsigned 64-bit integer.
ROOT_SERIAL_BITS = 63
DRAWN_SERIAL_BITS = 159

# What a voucher takes over from the certificate that it vouches for.
VOUCHED = (
    x509.OID_BASIC_CONSTRAINTS,
    x509.OID_KEY_USAGE,
    x509.OID_SUBJECT_ALTERNATIVE_NAME,
    x509.OID_SUBJECT_KEY_IDENTIFIER,
)

CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """A root with its key at hand: loaded once, it signs any number of leaves.

    `intermediates_pem` is what a leaf carries: what leads up to the root, and to the roots before
    this one for clients that only know those. `certificate` is the one that signs.
    """

    root: Root
    intermediates_pem: str
    certificate: x509.Certificate = field(repr=False)
    key: PrivateKey = field(repr=False)
    authority_key_identifier: x509.AuthorityKeyIdentifier = field(repr=False)


def new_root(
    *, trust_domain: str, name: str, now: datetime, lifetimes: Lifetimes, sealing_key: SealingKey
) -> Root:
    """Return a self-signed root in state `prepared`, its key sealed."""
    identity = x509.UniformResourceIdentifier(checked(AuthorityId(trust_domain=trust_domain)))
    key = ec.generate_private_key(ec.SECP256R1())
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signing_key_id = colon_hex(key_identifier.digest)
    # The subject differs from root to root, so that a verifier with several finds the right one.
    uid = key_identifier.digest.hex()[:8]
    common_name = f"pri-{uid}.consul.ca.{trust_domain[:8]}.consul"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = now.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(_root_serial())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + lifetimes.root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(CA_USAGE, critical=True)
        .add_extension(x509.SubjectAlternativeName([identity]), critical=False)
        .add_extension(key_identifier, critical=False)
        .add_extension(_issued_by(key_identifier), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return Root(
        id=colon_hex(certificate.fingerprint(hashes.SHA1())),  # noqa: S303 - a name, as in Consul
        name=name,
        serial=certificate.serial_number,
        signing_key_id=signing_key_id,
        trust_domain=trust_domain,
        certificate_pem=pem(certificate),
        sealed_key=seal(pem_of_key(key), key=sealing_key, context=sealing_context(signing_key_id)),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        prepared_at=now,
    )


def cross_sign(root: Root, *, by: Authority, now: datetime, lifetimes: Lifetimes) -> Root:
    """Return the root with its key certified by the older authority too.

    That certificate lasts until the older root is pruned after its retirement, or ends itself.
    """
    certificate = x509.load_pem_x509_certificate(root.certificate_pem.encode())
    now = now.replace(microsecond=0)
    lifetime = max(lifetimes.cross_signed, lifetimes.overlap + lifetimes.retirement)
    if not by.root.not_before <= now < by.root.not_after:
        raise InvalidError(f"root {by.root.id} is past its lifetime and cannot vouch for another")
    if not may_sign_authorities(by.certificate):
        raise InvalidError(
            f"root {by.root.id} signs by an intermediate that may sign no other authority"
            " (pathlen:0), so it cannot vouch for another"
        )
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(by.certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - BACKDATED, by.root.not_before))
        .not_valid_after(min(now + lifetime, by.root.not_after))
        .add_extension(by.authority_key_identifier, critical=False)
    )
    for extension in certificate.extensions:
        if extension.oid in VOUCHED:
            builder = builder.add_extension(extension.value, critical=extension.critical)
    vouched = builder.sign(by.key, hashes.SHA256())
    return msgspec.structs.replace(root, cross_signed_pem=pem(vouched), cross_signed_by=by.root.id)


def load(root: Root, *, trusted: Iterable[Root], keys: Iterable[SealingKey]) -> Authority:
    """Unseal the root's key; `trusted` are the roots whose clients its leaves must satisfy."""
    text = unseal(root.sealed_key, keys=keys, context=sealing_context(root.signing_key_id))
    key = serialization.load_pem_private_key(text, password=None)
    certificate = x509.load_pem_x509_certificate(
        (root.intermediates_pem or root.certificate_pem).encode()
    )
    if not isinstance(key, PrivateKey):
        raise InvalidError(f"the key of root {root.id} is neither elliptic-curve nor RSA")
    if key.public_key() != certificate.public_key():
        raise InvalidError(f"the key of root {root.id} does not belong to its certificate")
    return Authority(
        root=root,
        intermediates_pem="".join(intermediates(root, trusted=trusted)),
        certificate=certificate,
        key=key,
        authority_key_identifier=_issued_by(key_identifier_of(certificate)),
    )


def intermediates(root: Root, *, trusted: Iterable[Root]) -> list[str]:
    """What leads from the signing certificate to its root, and to each older one still trusted.

    After two rotations in a row, A to B to C, a client that only knows A needs C signed by B and B
    signed by A. The chain stops at the first older root that is trusted no longer.
    """
    known = {candidate.id: candidate for candidate in trusted}
    found = [root.intermediates_pem] if root.intermediates_pem else []
    older = known.get(root.cross_signed_by or "")
    while older is not None and root.cross_signed_pem is not None and older.id != root.id:
        found.append(root.cross_signed_pem)
        if older.intermediates_pem:
            found.append(older.intermediates_pem)
        del known[older.id]  # each at most once: a circle in what was stored must end
        root, older = older, known.get(older.cross_signed_by or "")
    return found


def may_sign_authorities(certificate: x509.Certificate) -> bool:
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    return constraints.path_length is None or constraints.path_length > 0


def key_identifier_of(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def pem_of_key(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def colon_hex(octets: bytes) -> str:
    return octets.hex(":")


def hex_serial(serial: int) -> str:
    """As Consul writes a leaf's."""
    return colon_hex(serial.to_bytes((serial.bit_length() + 7) // 8, "big"))


def _root_serial() -> int:
    return (x509.random_serial_number() >> (DRAWN_SERIAL_BITS - ROOT_SERIAL_BITS)) or 1


def _issued_by(key_identifier: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_identifier)


def sealing_context(signing_key_id: str) -> str:
    return f"root key {signing_key_id}"
