"""A certificate authority that an operator gives: read, and refused for whatever would fail later.

What is given is one PEM text: the certificate that signs first, each followed by the one that
issued it, up to the self-signed root; a root that signs itself stands there alone.
"""

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from meshcore.certificates.authority import (
    PrivateKey,
    colon_hex,
    key_identifier_of,
    pem,
    pem_of_key,
    sealing_context,
)
from meshcore.certificates.sealing import SealingKey, seal
from meshcore.certificates.types import Lifetimes, Root
from meshcore.lib.durations import render
from meshcore.lib.errors import InvalidError

LONGEST = 64 * 1024  # characters of certificates, and of the key
MOST_CERTIFICATES = 8
SERIAL_BITS = 64  # of what Consul's clients read a root's serial as
CURVES = ("secp256r1", "secp384r1", "secp521r1")
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 4096
STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
Extension = TypeVar("Extension", bound=x509.ExtensionType)


class Given(NamedTuple):
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey

    def __repr__(self) -> str:
        return f"Given({self.chain[0].subject.rfc4514_string()})"


def read(certificates_pem: str, key_pem: str, *, now: datetime, lifetimes: Lifetimes) -> Given:
    """Raise InvalidError that says what is wrong with it, and never what the key is."""
    chain = _chain(certificates_pem)
    key = _key(key_pem)
    signing = chain[0]
    if key.public_key() != signing.public_key():
        raise InvalidError(
            f"the private key does not belong to {_name(signing)}, the first certificate given"
        )
    for below, certificate in enumerate(chain):
        _require_authority(certificate, authorities_below=below)
        _require_valid(certificate, now=now)
    for issued, issuer in pairwise(chain):
        _require_issued_by(issued, issuer)
    _require_anchor(chain[-1])
    least = lifetimes.retirement + lifetimes.overlap
    first_to_end = min(chain, key=lambda certificate: certificate.not_valid_after_utc)
    if first_to_end.not_valid_after_utc - now < least:
        raise InvalidError(
            f"{_name(first_to_end)} ends at {first_to_end.not_valid_after_utc:%Y-%m-%d %H:%M} UTC:"
            f" leaves of {render(lifetimes.leaf)} need one that lasts for {render(least)} more"
        )
    return Given(chain, key)


def root_of(
    given: Given, *, trust_domain: str, name: str, now: datetime, sealing_key: SealingKey
) -> Root:
    """Return it as a root in state `prepared`, its key sealed."""
    signing, anchor = given.chain[0], given.chain[-1]
    signing_key_id = colon_hex(key_identifier_of(signing).digest)
    return Root(
        id=root_id(given),
        name=name,
        serial=anchor.serial_number & (2**SERIAL_BITS - 1),
        signing_key_id=signing_key_id,
        trust_domain=trust_domain,
        certificate_pem=pem(anchor),
        sealed_key=seal(
            pem_of_key(given.key), key=sealing_key, context=sealing_context(signing_key_id)
        ),
        not_before=max(each.not_valid_before_utc for each in given.chain),
        not_after=min(each.not_valid_after_utc for each in given.chain),
        prepared_at=now.replace(microsecond=0),
        is_given=True,
        intermediates_pem="".join(pem(each) for each in given.chain[:-1]),
        key_type="rsa" if isinstance(given.key, rsa.RSAPrivateKey) else "ec",
        key_bits=given.key.key_size,
    )


def root_id(given: Given) -> str:
    """Of what signs: two intermediates of one root are two to rotate between."""
    return colon_hex(given.chain[0].fingerprint(hashes.SHA1()))  # noqa: S303 - a name, as in Consul


def _chain(text: str) -> tuple[x509.Certificate, ...]:
    if len(text) > LONGEST:
        raise InvalidError(f"the certificates have {len(text)} characters: {LONGEST} are allowed")
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise InvalidError(
            "the root certificate cannot be read: it is to be PEM, from"
            " -----BEGIN CERTIFICATE----- on"
        ) from None
    if len(found) > MOST_CERTIFICATES:
        raise InvalidError(f"{len(found)} certificates were given: {MOST_CERTIFICATES} are allowed")
    return tuple(found)


def _key(text: str) -> PrivateKey:
    if len(text) > LONGEST:
        raise InvalidError(f"the private key has {len(text)} characters: {LONGEST} are allowed")
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise InvalidError("the private key is encrypted: give it without a password") from None
    except (ValueError, UnsupportedAlgorithm):  # whose words could show part of it
        raise InvalidError(
            "the private key cannot be read: it is to be PEM, PKCS#8 or as OpenSSL writes it"
        ) from None
    if not isinstance(key, PrivateKey):
        raise InvalidError("the private key is neither elliptic-curve nor RSA")
    _require_strong(key, "the private key")
    return key


def _require_strong(key: object, what: str) -> None:
    match key:
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            if key.curve.name not in CURVES:
                raise InvalidError(
                    f"{what} is on curve {key.curve.name}: {', '.join(CURVES)} are allowed"
                )
        case rsa.RSAPrivateKey() | rsa.RSAPublicKey():
            if not LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
                raise InvalidError(
                    f"{what} is RSA of {key.key_size} bits:"
                    f" between {LEAST_RSA_BITS} and {MOST_RSA_BITS} are allowed"
                )
        case _:
            raise InvalidError(f"{what} is neither elliptic-curve nor RSA")


def _require_authority(certificate: x509.Certificate, *, authorities_below: int) -> None:
    name = _name(certificate)
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension):
        raise InvalidError(f"the extensions of {name} cannot be read") from None
    constraints = _extension(extensions, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise InvalidError(f"{name} is not a certificate authority: it says CA:FALSE, or nothing")
    if constraints.path_length is not None and constraints.path_length < authorities_below:
        raise InvalidError(
            f"{name} allows {constraints.path_length} authorities below it (pathlen):"
            f" here it has {authorities_below}"
        )
    usage = _extension(extensions, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise InvalidError(f"{name} may not sign: its key usage lacks Certificate Sign")
    purposes = _extension(extensions, x509.ExtendedKeyUsage)
    if purposes is not None and not _are_enough(purposes):
        raise InvalidError(
            f"{name} is limited by its extended key usage: services need clientAuth and serverAuth"
        )
    _require_strong(certificate.public_key(), f"the key of {name}")


def _require_valid(certificate: x509.Certificate, *, now: datetime) -> None:
    name = _name(certificate)
    if now >= certificate.not_valid_after_utc:
        raise InvalidError(
            f"{name} has expired: it ended at {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        )
    if now < certificate.not_valid_before_utc:
        raise InvalidError(
            f"{name} is not valid yet:"
            f" it begins at {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        )


def _require_issued_by(issued: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise InvalidError(
            f"{_name(issued)} was not issued by {_name(issuer)}, which follows it: give the signing"
            " certificate first, then each issuer up to the root"
        ) from None
    if not isinstance(issued.signature_hash_algorithm, STRONG):
        raise InvalidError(f"{_name(issued)} is signed with a hash that is too weak")


def _require_anchor(anchor: x509.Certificate) -> None:
    try:
        anchor.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise InvalidError(
            f"{_name(anchor)} is the last certificate given, but no self-signed root:"
            " add the certificates that issued it, up to the root"
        ) from None


def _are_enough(purposes: x509.ExtendedKeyUsage) -> bool:
    needed = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    return ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in purposes or needed <= set(purposes)


def _extension(extensions: x509.Extensions, kind: type[Extension]) -> Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "a certificate without a subject"
