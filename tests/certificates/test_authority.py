from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from meshcore.certificates.authority import Authority, cross_sign, intermediates, load, new_root
from meshcore.certificates.sealing import SealingError, SealingKey, parse
from meshcore.certificates.types import Lifetimes, Root
from meshcore.lib.errors import InvalidError

MINUTE = timedelta(minutes=1)


def extensions(certificate_pem: str) -> dict[str, tuple[bool, x509.ExtensionType]]:
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    return {e.oid._name: (e.critical, e.value) for e in certificate.extensions}


def test_a_root_is_described_as_consul_describes_it(
    root: Root, trust_domain: str, now: datetime
) -> None:
    certificate = x509.load_pem_x509_certificate(root.certificate_pem.encode())
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    assert root == Root(
        id=certificate.fingerprint(hashes.SHA1()).hex(":"),
        name="first",
        serial=certificate.serial_number,
        signing_key_id=key_identifier.digest.hex(":"),
        trust_domain=trust_domain,
        certificate_pem=root.certificate_pem,
        sealed_key=root.sealed_key,
        not_before=now - MINUTE,
        not_after=now + timedelta(hours=87600),
        prepared_at=now,
    )
    assert 0 < root.serial < 2**63
    uid = root.signing_key_id.replace(":", "")[:8]
    assert certificate.subject.rfc4514_string() == f"CN=pri-{uid}.consul.ca.11111111.consul"
    assert certificate.issuer == certificate.subject


def test_a_root_may_sign_certificates_of_its_trust_domain(root: Root, trust_domain: str) -> None:
    found = extensions(root.certificate_pem)
    assert found["basicConstraints"] == (True, x509.BasicConstraints(ca=True, path_length=None))
    is_critical, usage = found["keyUsage"]
    assert isinstance(usage, x509.KeyUsage)
    assert (is_critical, usage.key_cert_sign, usage.crl_sign) == (True, True, True)
    domain = x509.UniformResourceIdentifier(f"spiffe://{trust_domain}")
    assert found["subjectAltName"] == (False, x509.SubjectAlternativeName([domain]))


@pytest.mark.parametrize("trust_domain", ["", "Upper.consul", "a/b", "-a.consul", "a b"])
def test_no_root_is_made_for_what_is_no_trust_domain(
    trust_domain: str, now: datetime, lifetimes: Lifetimes, sealing_key: SealingKey
) -> None:
    with pytest.raises(InvalidError):
        new_root(
            trust_domain=trust_domain,
            name="first",
            now=now,
            lifetimes=lifetimes,
            sealing_key=sealing_key,
        )


def test_the_key_is_in_no_text_of_root_or_authority(root: Root, signer: Authority) -> None:
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    number = str(signer.key.private_numbers().private_value)
    for text in (repr(root), str(root), repr(signer), str(signer), repr(msgspec.to_builtins(root))):
        assert "PRIVATE KEY" not in text
        assert number not in text


def test_a_root_does_not_open_without_its_sealing_key(root: Root) -> None:
    with pytest.raises(SealingError, match=f"^root key {root.signing_key_id} is sealed under key"):
        load(root, trusted=[root], keys=[parse("22" * 32)])


def test_a_root_does_not_load_with_the_key_of_another(
    root: Root, other: Root, sealing_key: SealingKey
) -> None:
    mixed = msgspec.structs.replace(root, sealed_key=other.sealed_key)
    with pytest.raises(SealingError, match="altered, or sealed for another place"):
        load(mixed, trusted=[root], keys=[sealing_key])


@pytest.fixture(scope="module")
def other(trust_domain: str, now: datetime, lifetimes: Lifetimes, sealing_key: SealingKey) -> Root:
    return new_root(
        trust_domain=trust_domain,
        name="second",
        now=now,
        lifetimes=lifetimes,
        sealing_key=sealing_key,
    )


def test_the_old_root_vouches_for_the_very_key_and_name_of_the_new(
    root: Root, other: Root, signer: Authority, now: datetime, lifetimes: Lifetimes
) -> None:
    vouched = cross_sign(other, by=signer, now=now, lifetimes=lifetimes)
    assert vouched.cross_signed_pem is not None
    assert vouched == msgspec.structs.replace(
        other, cross_signed_by=root.id, cross_signed_pem=vouched.cross_signed_pem
    )
    own = x509.load_pem_x509_certificate(other.certificate_pem.encode())
    voucher = x509.load_pem_x509_certificate(vouched.cross_signed_pem.encode())
    assert (voucher.subject, voucher.public_key()) == (own.subject, own.public_key())
    assert voucher.issuer == signer.certificate.subject
    voucher.verify_directly_issued_by(signer.certificate)
    assert voucher.not_valid_before_utc == now - MINUTE
    assert voucher.not_valid_after_utc == now + timedelta(days=7)


@pytest.mark.parametrize(
    ("told", "age", "lasts"),
    [
        pytest.param(
            Lifetimes(leaf=timedelta(days=30)),
            timedelta(),
            timedelta(days=60, minutes=5),
            id="until the old root is pruned",
        ),
        pytest.param(
            Lifetimes(), timedelta(hours=87599), timedelta(hours=1), id="until the old root ends"
        ),
    ],
)
def test_a_voucher_lasts_as_long_as_the_old_root_is_trusted(
    other: Root,
    signer: Authority,
    now: datetime,
    told: Lifetimes,
    age: timedelta,
    lasts: timedelta,
) -> None:
    vouched = cross_sign(other, by=signer, now=now + age, lifetimes=told)
    voucher = x509.load_pem_x509_certificate((vouched.cross_signed_pem or "").encode())
    assert voucher.not_valid_after_utc == now + age + lasts


def test_a_root_that_is_over_vouches_for_nobody(
    other: Root, signer: Authority, lifetimes: Lifetimes
) -> None:
    with pytest.raises(InvalidError, match="past its lifetime"):
        cross_sign(other, by=signer, now=signer.root.not_after, lifetimes=lifetimes)


def test_the_chain_leads_back_to_every_older_root_that_is_still_trusted(root: Root) -> None:
    a, b, c = (
        msgspec.structs.replace(root, id=name, cross_signed_by=by, cross_signed_pem=voucher)
        for name, by, voucher in [("a", "z", "a by z"), ("b", "a", "b by a"), ("c", "b", "c by b")]
    )
    assert intermediates(c, trusted=[a, b, c]) == ["c by b", "b by a"]
    assert intermediates(c, trusted=[b, c]) == ["c by b"]
    assert intermediates(c, trusted=[a, c]) == []
    assert intermediates(a, trusted=[a, b, c]) == []
    circle = msgspec.structs.replace(a, cross_signed_by="c")
    assert intermediates(c, trusted=[circle, b, c]) == ["c by b", "b by a", "a by z"]
