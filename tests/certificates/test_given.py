"""An authority of the operator's own: what is taken, what is refused, and what it signs."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from meshcore.certificates import given
from meshcore.certificates.authority import Authority, cross_sign, load
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.signing import issue
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Lifetimes, Root
from meshcore.lib.errors import InvalidError
from tests.certificates.authorities import NOW, YEAR, Made, made, pem_of
from tests.certificates.test_chains import verified_by_library, verified_by_openssl

ROOT = made("corporate root")
MIDDLE = made("policy authority", by=ROOT)
SIGNING = made("mesh authority", by=MIDDLE, path_length=0)
CHAIN = SIGNING.pem + MIDDLE.pem + ROOT.pem


def root_given(
    certificates: str, key: Made, sealing_key: SealingKey, trust_domain: str, lifetimes: Lifetimes
) -> Root:
    return given.root_of(
        given.read(certificates, key.key_pem, now=NOW, lifetimes=lifetimes),
        trust_domain=trust_domain,
        name="given",
        now=NOW,
        sealing_key=sealing_key,
    )


@pytest.fixture(scope="module")
def own(sealing_key: SealingKey, trust_domain: str, lifetimes: Lifetimes) -> Root:
    """An intermediate of an intermediate."""
    return root_given(CHAIN, SIGNING, sealing_key, trust_domain, lifetimes)


def test_intermediate_is_described_by_what_signs_and_trusted_by_its_root(
    own: Root, trust_domain: str
) -> None:
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(SIGNING.key.public_key())
    assert own == Root(
        id=SIGNING.certificate.fingerprint(hashes.SHA1()).hex(":"),
        name="given",
        serial=ROOT.certificate.serial_number % 2**64,
        signing_key_id=key_identifier.digest.hex(":"),
        trust_domain=trust_domain,
        certificate_pem=ROOT.pem,
        sealed_key=own.sealed_key,
        not_before=NOW - YEAR,
        not_after=NOW + 10 * YEAR,
        prepared_at=NOW,
        is_given=True,
        intermediates_pem=SIGNING.pem + MIDDLE.pem,
    )


def test_leaf_carries_what_leads_to_the_given_root(
    own: Root, web: ServiceId, sealing_key: SealingKey, lifetimes: Lifetimes, tmp_path: Path
) -> None:
    signer = load(own, trusted=[own], keys=[sealing_key])
    leaf = issue(web, authority=signer, now=NOW, lifetimes=lifetimes, sealing_key=sealing_key)
    assert leaf.certificate_pem.count("BEGIN CERTIFICATE") == 3
    assert verified_by_library(leaf.certificate_pem, [own], NOW) == [web.uri]
    for purpose in ("sslclient", "sslserver"):
        found = verified_by_openssl(leaf.certificate_pem, [own], NOW, tmp_path, purpose)
        assert found == "chain.pem: OK"


def test_leaf_of_a_given_root_is_accepted_by_who_knows_only_the_root_before_it(
    own: Root,
    root: Root,
    signer: Authority,
    web: ServiceId,
    sealing_key: SealingKey,
    lifetimes: Lifetimes,
    tmp_path: Path,
) -> None:
    vouched = cross_sign(own, by=signer, now=NOW, lifetimes=lifetimes)
    following = load(vouched, trusted=[root, vouched], keys=[sealing_key])
    leaf = issue(web, authority=following, now=NOW, lifetimes=lifetimes, sealing_key=sealing_key)
    for trusted in ([root], [vouched], [root, vouched]):
        found = verified_by_openssl(leaf.certificate_pem, trusted, NOW, tmp_path, "sslserver")
        assert found == "chain.pem: OK"


def test_leaf_of_a_made_root_is_accepted_by_who_knows_only_the_given_one_before_it(
    root: Root,
    web: ServiceId,
    sealing_key: SealingKey,
    trust_domain: str,
    lifetimes: Lifetimes,
    tmp_path: Path,
) -> None:
    below = made("may sign authorities", by=ROOT)
    own = root_given(below.pem + ROOT.pem, below, sealing_key, trust_domain, lifetimes)
    older = load(own, trusted=[own], keys=[sealing_key])
    vouched = cross_sign(root, by=older, now=NOW, lifetimes=lifetimes)
    following = load(vouched, trusted=[own, vouched], keys=[sealing_key])
    leaf = issue(web, authority=following, now=NOW, lifetimes=lifetimes, sealing_key=sealing_key)
    for trusted in ([own], [vouched]):
        found = verified_by_openssl(leaf.certificate_pem, trusted, NOW, tmp_path, "sslserver")
        assert found == "chain.pem: OK"


def test_intermediate_that_may_sign_no_authority_vouches_for_none(
    own: Root, root: Root, sealing_key: SealingKey, lifetimes: Lifetimes
) -> None:
    older = load(own, trusted=[own], keys=[sealing_key])
    with pytest.raises(InvalidError, match=r"may sign no other authority \(pathlen:0\)"):
        cross_sign(root, by=older, now=NOW, lifetimes=lifetimes)


@pytest.mark.parametrize(
    ("key", "kind", "bits"),
    [
        (rsa.generate_private_key(65537, 2048), "rsa", 2048),
        (ec.generate_private_key(ec.SECP384R1()), "ec", 384),
    ],
)
def test_root_may_have_another_kind_of_key(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    kind: str,
    bits: int,
    web: ServiceId,
    sealing_key: SealingKey,
    trust_domain: str,
    lifetimes: Lifetimes,
    tmp_path: Path,
) -> None:
    bare = made("bare", key=key, has_identifiers=False)
    own = root_given(bare.pem, bare, sealing_key, trust_domain, lifetimes)
    assert (own.key_type, own.key_bits, own.intermediates_pem) == (kind, bits, "")
    signer = load(own, trusted=[own], keys=[sealing_key])
    leaf = issue(web, authority=signer, now=NOW, lifetimes=lifetimes, sealing_key=sealing_key)
    found = verified_by_openssl(leaf.certificate_pem, [own], NOW, tmp_path, "any")
    assert "OK" in found or "Missing Subject Key Identifier" in found


OTHER = made("other")
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)


def chained(**fields: object) -> Made:
    return made("below", by=ROOT, **fields)  # type: ignore[arg-type]


REFUSED = [
    ("", ROOT.key_pem, "cannot be read: it is to be PEM"),
    ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", ROOT.key_pem, "cannot be"),
    (ROOT.pem, "no key", "the private key cannot be read"),
    (ROOT.pem, pem_of(ROOT.key, password=b"x"), "is encrypted: give it without a password"),
    (ROOT.pem, OTHER.key_pem, "does not belong to CN=corporate root"),
    (ROOT.pem + CHAIN, SIGNING.key_pem, "does not belong to CN=corporate root, the first"),
    (SIGNING.pem + MIDDLE.pem, SIGNING.key_pem, "no self-signed root: add the certificates"),
    (SIGNING.pem + ROOT.pem, SIGNING.key_pem, "mesh authority was not issued by CN=corporate root"),
    (ROOT.pem * 9, ROOT.key_pem, "9 certificates were given: 8 are allowed"),
    ("x" * 70_000, ROOT.key_pem, "70000 characters: 65536 are allowed"),
]


@pytest.mark.parametrize(("certificates", "key", "said"), REFUSED)
def test_what_does_not_belong_together_is_refused(
    certificates: str, key: str, said: str, lifetimes: Lifetimes
) -> None:
    with pytest.raises(InvalidError, match=said):
        given.read(certificates, key, now=NOW, lifetimes=lifetimes)


WEAK = rsa.generate_private_key(65537, 1024)
ODD = ec.generate_private_key(ec.SECP256K1())


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (made("a", is_authority=False), "CN=a is not a certificate authority: it says CA:FALSE"),
        (made("a", is_authority=None), "is not a certificate authority"),
        (made("a", signs_certificates=False), "key usage lacks Certificate Sign"),
        (made("a", purposes=SERVER), "limited by its extended key usage"),
        (made("a", ends=NOW), "CN=a has expired: it ended at 2026-03-01 12:00 UTC"),
        (made("a", begins=NOW + timedelta(1)), "not valid yet: it begins at 2026-03-02 12:00 UTC"),
        (made("a", ends=NOW + timedelta(5)), "leaves of 72h0m0s need one that lasts for 144h5m0s"),
        (made("a", key=WEAK), "RSA of 1024 bits: between 2048 and 4096"),
        (made("a", key=ODD), "on curve secp256k1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_fail_later_is_refused(own: Made, said: str, lifetimes: Lifetimes) -> None:
    with pytest.raises(InvalidError, match=said):
        given.read(own.pem, own.key_pem, now=NOW, lifetimes=lifetimes)


def test_authority_below_one_that_allows_none_is_refused(lifetimes: Lifetimes) -> None:
    narrow = made("narrow", path_length=0)
    below = made("below", by=narrow)
    with pytest.raises(InvalidError, match="CN=narrow allows 0 authorities below it"):
        given.read(below.pem + narrow.pem, below.key_pem, now=NOW, lifetimes=lifetimes)


def test_key_of_another_kind_is_refused(lifetimes: Lifetimes) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(InvalidError, match="neither elliptic-curve nor RSA"):
        given.read(ROOT.pem, text, now=NOW, lifetimes=lifetimes)


def test_no_repr_shows_the_key(own: Root, lifetimes: Lifetimes) -> None:
    found = given.read(CHAIN, SIGNING.key_pem, now=NOW, lifetimes=lifetimes)
    assert repr(found) == "Given(CN=mesh authority)"
