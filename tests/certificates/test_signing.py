import ipaddress
from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from meshcore.certificates.authority import Authority
from meshcore.certificates.sealing import SealingError, SealingKey, parse
from meshcore.certificates.signing import (
    CLIENT_AND_SERVER,
    EC_USAGE,
    NOT_AN_AUTHORITY,
    issue,
    key_pem,
    server_certificate,
)
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf, Lifetimes, Root
from meshcore.lib.errors import InvalidError, NotFoundError

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def leaf(
    web: ServiceId,
    signer: Authority,
    now: datetime,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> Leaf:
    return issue(web, authority=signer, now=now, lifetimes=lifetimes, sealing_key=sealing_key)


def test_a_leaf_says_what_its_certificate_says(
    leaf: Leaf, root: Root, web: ServiceId, now: datetime
) -> None:
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    assert leaf == Leaf(
        service="web",
        spiffe_id=web.uri,
        serial=leaf.serial,
        certificate_pem=leaf.certificate_pem,
        sealed_key=leaf.sealed_key,
        root_id=root.id,
        not_before=now - MINUTE,
        not_after=now + timedelta(hours=72),
    )
    assert int(leaf.serial.replace(":", ""), 16) == certificate.serial_number
    assert certificate.not_valid_before_utc == leaf.not_before
    assert certificate.not_valid_after_utc == leaf.not_after


def test_a_leaf_has_one_uri_no_subject_and_no_power_to_sign(leaf: Leaf, web: ServiceId) -> None:
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(web.uri)])
    found = {(e.critical, e.value) for e in certificate.extensions}
    assert certificate.subject == x509.Name([])
    assert {
        (True, names),
        (True, NOT_AN_AUTHORITY),
        (True, EC_USAGE),
        (False, CLIENT_AND_SERVER),
    } <= found
    assert len(found) == 6  # and the two key identifiers
    assert list(CLIENT_AND_SERVER) == [
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
    ]


def test_the_key_of_a_leaf_opens_and_fits(leaf: Leaf, sealing_key: SealingKey) -> None:
    certificate = x509.load_pem_x509_certificate(leaf.certificate_pem.encode())
    opened = load_pem_private_key(key_pem(leaf, keys=[sealing_key]), password=None)
    assert opened.public_key() == certificate.public_key()
    assert b"PRIVATE" not in (leaf.sealed_key or b"")
    with pytest.raises(SealingError, match="is sealed under key"):
        key_pem(leaf, keys=[parse("22" * 32)])
    with pytest.raises(SealingError, match="altered, or sealed for another place"):
        key_pem(msgspec.structs.replace(leaf, spiffe_id="db"), keys=[sealing_key])
    with pytest.raises(NotFoundError, match="never left its owner"):
        key_pem(msgspec.structs.replace(leaf, sealed_key=None), keys=[sealing_key])


def test_two_leaves_share_neither_key_nor_serial(
    leaf: Leaf,
    web: ServiceId,
    signer: Authority,
    now: datetime,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> None:
    again = issue(web, authority=signer, now=now, lifetimes=lifetimes, sealing_key=sealing_key)
    assert again.serial != leaf.serial
    assert key_pem(again, keys=[sealing_key]) != key_pem(leaf, keys=[sealing_key])


@pytest.mark.parametrize(
    ("identity", "sentence"),
    [
        ({"trust_domain": "5678.consul"}, "is not of trust domain"),
        ({"service": "web/svc/db"}, "is not a SPIFFE ID"),
        ({"service": "*"}, "is not a SPIFFE ID"),
        ({"datacenter": "DC 1"}, "is not a SPIFFE ID"),
    ],
)
def test_no_leaf_for_an_identity_that_is_none_of_ours(
    identity: dict[str, str],
    sentence: str,
    web: ServiceId,
    signer: Authority,
    now: datetime,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> None:
    wrong = msgspec.structs.replace(web, **identity)
    with pytest.raises(InvalidError, match=sentence):
        issue(wrong, authority=signer, now=now, lifetimes=lifetimes, sealing_key=sealing_key)


def test_a_leaf_does_not_outlive_its_root(
    root: Root,
    web: ServiceId,
    signer: Authority,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> None:
    late = root.not_after - timedelta(hours=1)
    last = issue(web, authority=signer, now=late, lifetimes=lifetimes, sealing_key=sealing_key)
    assert last.not_after == root.not_after
    with pytest.raises(InvalidError, match="cannot sign"):
        issue(
            web,
            authority=signer,
            now=root.not_after,
            lifetimes=lifetimes,
            sealing_key=sealing_key,
        )


def test_the_servers_certificate_is_good_for_loopback_its_names_and_the_hosts_given(
    signer: Authority, trust_domain: str, now: datetime, lifetimes: Lifetimes
) -> None:
    server = server_certificate(
        datacenter="dc1",
        hosts=["tulle.example", "10.0.0.7", "localhost"],
        authority=signer,
        now=now,
    )
    certificate = x509.load_pem_x509_certificate(server.certificate_pem.encode())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(found) == [
        x509.UniformResourceIdentifier(f"spiffe://{trust_domain}/agent/server/dc/dc1"),
        x509.DNSName(f"server.dc1.{trust_domain}"),
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
        x509.DNSName("tulle.example"),
        x509.IPAddress(ipaddress.ip_address("10.0.0.7")),
    ]
    assert load_pem_private_key(server.key_pem, None).public_key() == certificate.public_key()
    assert "PRIVATE" not in repr(server)


def test_a_host_that_no_certificate_can_carry_is_named(
    signer: Authority, now: datetime, lifetimes: Lifetimes
) -> None:
    with pytest.raises(InvalidError, match="host 'wéb' cannot stand in a certificate"):
        server_certificate(datacenter="dc1", hosts=["wéb"], authority=signer, now=now)
