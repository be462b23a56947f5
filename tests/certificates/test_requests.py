import base64
import ipaddress
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcore.certificates import requests
from meshcore.certificates.authority import Authority
from meshcore.certificates.signing import EC_USAGE, NOT_AN_AUTHORITY, RSA_USAGE, sign_csr
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf, Lifetimes, Root
from meshcore.lib.errors import InvalidError

DOMAIN = "11111111-2222-3333-4444-555555555555.consul"
WEB = f"spiffe://{DOMAIN}/ns/default/dc/dc1/svc/web"
DB = f"spiffe://{DOMAIN}/ns/default/dc/dc1/svc/db"
KEY = ec.generate_private_key(ec.SECP256R1())
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)

Sign = Callable[[str], Leaf]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def uri(value: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(value)


def request(
    *names: x509.GeneralName,
    key: Key = KEY,
    subject: str = "",
    besides: Sequence[x509.ExtensionType] = (),
) -> str:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in besides:
        builder = builder.add_extension(extension, critical=True)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.PEM).decode()


def armoured(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"


def damaged(csr_pem: str, *, at: int) -> str:
    der = bytearray(x509.load_pem_x509_csr(csr_pem.encode()).public_bytes(Encoding.DER))
    der[at] ^= 1
    return armoured(bytes(der))


def tampered(csr_pem: str) -> str:
    der = bytearray(x509.load_pem_x509_csr(csr_pem.encode()).public_bytes(Encoding.DER))
    der[der.index(b"svc/web") + 4 : der.index(b"svc/web") + 7] = b"abc"
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def sign(signer: Authority, web: ServiceId, now: datetime, lifetimes: Lifetimes) -> Sign:
    def signed(csr_pem: str) -> Leaf:
        return sign_csr(csr_pem, expected=web, authority=signer, now=now, lifetimes=lifetimes)

    return signed


def test_a_request_for_the_expected_service_is_signed(sign: Sign, root: Root) -> None:
    leaf = sign(request(uri(WEB)))
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    assert (leaf.service, leaf.spiffe_id, leaf.sealed_key) == ("web", WEB, None)
    assert leaf.root_id == root.id
    assert certificate.public_key() == KEY.public_key()


@pytest.mark.parametrize(
    ("csr_pem", "sentence"),
    [
        pytest.param(request(), "asks for 0 URIs: exactly one", id="no name"),
        pytest.param(request(subject="web"), "asks for 0 URIs", id="a subject alone"),
        pytest.param(request(uri(WEB), uri(DB)), "asks for 2 URIs: exactly one", id="two URIs"),
        pytest.param(request(uri(WEB), uri(WEB)), "asks for 2 URIs", id="the same URI twice"),
        pytest.param(
            request(uri(WEB), x509.DNSName("web")), "a name of type DNSName: only a URI", id="DNS"
        ),
        pytest.param(
            request(uri(WEB), x509.IPAddress(ipaddress.ip_address("10.0.0.1"))),
            "a name of type IPAddress",
            id="IP",
        ),
        pytest.param(
            request(uri(WEB), x509.RFC822Name("web@example.com")), "type RFC822Name", id="e-mail"
        ),
        pytest.param(
            request(uri(WEB), x509.OtherName(NameOID.COMMON_NAME, b"\x0c\x03web")),
            "type OtherName",
            id="another kind of name",
        ),
        pytest.param(
            request(uri(WEB.replace(DOMAIN, "5678.consul"))),
            "is of trust domain 5678.consul, not 1111",
            id="another trust domain",
        ),
        pytest.param(request(uri(DB)), f"asks for {DB}, where {WEB} is", id="another service"),
        pytest.param(
            request(uri(WEB.replace("dc1", "dc2"))), "where .*/dc1/.* is", id="another datacenter"
        ),
        pytest.param(
            request(uri(f"spiffe://{DOMAIN}/agent/client/dc/dc1/id/web")),
            "the identity of an agent, not a service",
            id="an agent",
        ),
        pytest.param(
            request(uri(f"spiffe://{DOMAIN}/agent/server/dc/dc1")), "of a server", id="a server"
        ),
        pytest.param(
            request(uri(f"spiffe://{DOMAIN}")), "of a certificate authority", id="the authority"
        ),
        pytest.param(request(uri(WEB + "?x")), "is not a SPIFFE ID", id="not a SPIFFE ID"),
        pytest.param(request(uri(WEB + "\0")), "is not a SPIFFE ID", id="a zero byte"),
        pytest.param(request(uri("https://web")), "is not a SPIFFE ID", id="a web address"),
        pytest.param(tampered(request(uri(WEB))), "is not signed by the key", id="bad signature"),
        pytest.param(
            request(uri(WEB), key=ec.generate_private_key(ec.SECP256K1())),
            "key on curve secp256k1",
            id="an unusual curve",
        ),
        pytest.param(
            request(uri(WEB), key=rsa.generate_private_key(65537, 1024)),
            "an RSA key of 1024 bits",
            id="short RSA",
        ),
        pytest.param(
            request(uri(WEB), key=ed25519.Ed25519PrivateKey.generate()),
            "neither elliptic-curve nor RSA",
            id="Ed25519, which Envoy does not take",
        ),
        pytest.param("", "cannot be read", id="empty"),
        pytest.param(request(uri(WEB))[:300], "cannot be read", id="cut off"),
        pytest.param("é", "cannot be read", id="not PEM"),
        pytest.param(damaged(request(uri(WEB)), at=9), "not a valid CSR version", id="version 2"),
        pytest.param("A" * 20_000, "has 20000 characters: 16384 are allowed", id="too long"),
    ],
)
def test_any_other_request_is_refused_with_the_reason(
    sign: Sign, csr_pem: str, sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence):
        sign(csr_pem)


def test_what_else_a_request_asks_for_is_ignored(sign: Sign) -> None:
    usage = x509.KeyUsage(True, True, True, True, True, True, True, False, False)  # noqa: FBT003
    leaf = sign(request(uri(WEB), subject="root of all", besides=[AUTHORITY, usage]))
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    found = {e.value for e in certificate.extensions}
    assert certificate.subject == x509.Name([])
    assert {NOT_AN_AUTHORITY, EC_USAGE} <= found
    assert not {AUTHORITY, usage} & found


def test_an_rsa_key_is_certified_for_what_rsa_does(sign: Sign) -> None:
    leaf = sign(request(uri(WEB), key=rsa.generate_private_key(65537, 2048)))
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    assert certificate.extensions.get_extension_for_class(x509.KeyUsage).value == RSA_USAGE


REQUEST = request(uri(WEB), besides=[AUTHORITY])


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_request_asks_for_nothing_else(data: st.DataObject) -> None:
    der = bytearray(x509.load_pem_x509_csr(REQUEST.encode()).public_bytes(Encoding.DER))
    position = data.draw(st.integers(0, len(der) - 1))
    der[position] ^= data.draw(st.integers(1, 255))
    try:
        found = requests.read(armoured(bytes(der)), trust_domain=DOMAIN)
    except InvalidError:
        return
    # outside the signed part a few bits mean nothing: how many of the signature's last are unused
    assert found == requests.read(REQUEST, trust_domain=DOMAIN)
