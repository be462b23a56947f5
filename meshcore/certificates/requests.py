"""What a certificate signing request asks for, and whether it may ask at all.

A request is input from outside. Of what it contains only the public key and the one SPIFFE ID are
used; subject and other extensions are ignored, since the certificate is built from nothing else.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from meshcore.certificates.spiffe import SpiffeId, parse
from meshcore.lib.errors import InvalidError

LONGEST = 16 * 1024  # characters; a request with a 4096-bit RSA key has 2,000
CURVES = ("secp256r1", "secp384r1", "secp521r1")
RSA_BITS = range(2048, 4096 + 1)

# All that the library raises for what it cannot read; most of it shares no base class.
MALFORMED = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
)

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class Requested(NamedTuple):
    identity: SpiffeId
    public_key: PublicKey


def read(csr_pem: str, *, trust_domain: str) -> Requested:
    """Raise InvalidError that says what is wrong, before anything is signed."""
    if len(csr_pem) > LONGEST:
        raise InvalidError(f"the CSR has {len(csr_pem)} characters: {LONGEST} are allowed")
    try:
        csr = x509.load_pem_x509_csr(csr_pem.encode())
        public_key = csr.public_key()
        is_signed = csr.is_signature_valid
        names = _alternative_names(csr)
    except MALFORMED as malformed:
        raise InvalidError(f"the CSR cannot be read: {malformed}") from None
    except x509.UnsupportedGeneralNameType:
        raise InvalidError("the CSR asks for a kind of name that is not known") from None
    if not is_signed:
        raise InvalidError("the CSR is not signed by the key that it is for")
    identity = parse(_only_uri(names), trust_domain=trust_domain)
    return Requested(identity, _usable(public_key))


def _alternative_names(csr: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    try:
        extension = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(extension.value)


def _only_uri(names: Iterable[x509.GeneralName]) -> str:
    uris = []
    for name in names:
        if not isinstance(name, x509.UniformResourceIdentifier):
            raise InvalidError(
                f"the CSR asks for a name of type {type(name).__name__}: only a URI is allowed"
            )
        uris.append(name.value)
    if len(uris) != 1:
        raise InvalidError(f"the CSR asks for {len(uris)} URIs: exactly one is allowed")
    return uris[0]


def _usable(public_key: object) -> PublicKey:
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        if public_key.curve.name in CURVES:
            return public_key
        raise InvalidError(f"the CSR is for a key on curve {public_key.curve.name}")
    if isinstance(public_key, rsa.RSAPublicKey):
        if public_key.key_size in RSA_BITS:
            return public_key
        raise InvalidError(f"the CSR is for an RSA key of {public_key.key_size} bits")
    raise InvalidError("the CSR is for a key that is neither elliptic-curve nor RSA")
