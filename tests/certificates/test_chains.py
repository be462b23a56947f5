"""Issued chains, checked by two verifiers that are not ours."""

import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from meshcore.certificates.authority import Authority, cross_sign, load, new_root
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.signing import issue, server_certificate
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf, Lifetimes, Root


@pytest.fixture(scope="module")
def rotations(
    root: Root, trust_domain: str, now: datetime, lifetimes: Lifetimes, sealing_key: SealingKey
) -> tuple[Root, Root, Root]:
    """Three roots, each vouched for by the one before it."""
    roots = [root]
    for name in ("second", "third"):
        made = new_root(
            trust_domain=trust_domain,
            name=name,
            now=now,
            lifetimes=lifetimes,
            sealing_key=sealing_key,
        )
        older = load(roots[-1], trusted=roots, keys=[sealing_key])
        roots.append(cross_sign(made, by=older, now=now, lifetimes=lifetimes))
    first, second, third = roots
    return first, second, third


@pytest.fixture(scope="module")
def leaf(
    rotations: Sequence[Root],
    web: ServiceId,
    now: datetime,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
) -> Leaf:
    """Signed by the third root, while the other two are still trusted."""
    third = load(rotations[2], trusted=rotations, keys=[sealing_key])
    return issue(web, authority=third, now=now, lifetimes=lifetimes, sealing_key=sealing_key)


def verified_by_library(leaf_pem: str, trusted: Sequence[Root], at: datetime) -> list[str]:
    chain = x509.load_pem_x509_certificates(leaf_pem.encode())
    anchors = [x509.load_pem_x509_certificate(r.certificate_pem.encode()) for r in trusted]
    verifier = PolicyBuilder().store(Store(anchors)).time(at).build_client_verifier()
    subjects = verifier.verify(chain[0], chain[1:]).subjects
    return [name.value for name in subjects or ()]


def verified_by_openssl(
    leaf_pem: str, trusted: Sequence[Root], at: datetime, folder: Path, purpose: str
) -> str:
    (folder / "roots.pem").write_text("".join(root.certificate_pem for root in trusted))
    (folder / "chain.pem").write_text(leaf_pem)
    command = [
        *("openssl", "verify", "-x509_strict", "-purpose", purpose),
        *("-attime", str(int(at.timestamp())), "-no-CApath", "-no-CAstore"),
        *("-CAfile", "roots.pem", "-untrusted", "chain.pem", "chain.pem"),
    ]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return finished.stdout.strip() or finished.stderr.strip()


@pytest.mark.parametrize(
    "known",
    [
        pytest.param([2], id="only the root that signed"),
        pytest.param([1], id="only the root before it"),
        pytest.param([0], id="only the root before that"),
        pytest.param([0, 1, 2], id="all roots"),
    ],
)
def test_a_leaf_is_accepted_by_whoever_knows_one_of_the_roots(
    known: list[int],
    rotations: Sequence[Root],
    leaf: Leaf,
    web: ServiceId,
    now: datetime,
    tmp_path: Path,
) -> None:
    trusted = [rotations[number] for number in known]
    assert verified_by_library(leaf.certificate_pem, trusted, now) == [web.uri]
    for purpose in ("sslclient", "sslserver"):
        found = verified_by_openssl(leaf.certificate_pem, trusted, now, tmp_path, purpose)
        assert found == "chain.pem: OK"


def test_a_leaf_of_the_new_root_outlives_the_vouchers_for_it_where_the_new_root_is_known(
    rotations: Sequence[Root],
    web: ServiceId,
    now: datetime,
    sealing_key: SealingKey,
    tmp_path: Path,
) -> None:
    long = Lifetimes(leaf=timedelta(days=365))
    third = load(rotations[2], trusted=rotations, keys=[sealing_key])
    leaf = issue(web, authority=third, now=now, lifetimes=long, sealing_key=sealing_key)
    late = now + timedelta(days=300)
    assert verified_by_library(leaf.certificate_pem, rotations, late) == [web.uri]
    for trusted, word in ((rotations, "OK"), (rotations[:1], "expired")):
        found = verified_by_openssl(leaf.certificate_pem, trusted, late, tmp_path, "sslclient")
        assert word in found


def test_a_leaf_is_refused_by_a_stranger_and_after_its_time(
    rotations: Sequence[Root],
    leaf: Leaf,
    now: datetime,
    trust_domain: str,
    lifetimes: Lifetimes,
    sealing_key: SealingKey,
    tmp_path: Path,
) -> None:
    stranger = new_root(
        trust_domain=trust_domain,
        name="stranger",
        now=now,
        lifetimes=lifetimes,
        sealing_key=sealing_key,
    )
    for trusted, at in ([stranger], now), (rotations, leaf.not_after + timedelta(seconds=1)):
        with pytest.raises(VerificationError):
            verified_by_library(leaf.certificate_pem, trusted, at)
        found = verified_by_openssl(leaf.certificate_pem, trusted, at, tmp_path, "sslclient")
        assert "verification failed" in found


@pytest.mark.parametrize("host", ["localhost", "tulle.example"])
def test_the_servers_certificate_is_accepted_for_its_hosts(
    host: str, root: Root, signer: Authority, now: datetime
) -> None:
    server = server_certificate(
        datacenter="dc1", hosts=["tulle.example"], authority=signer, now=now
    )
    leaf = x509.load_pem_x509_certificate(server.certificate_pem.encode())
    anchor = x509.load_pem_x509_certificate(root.certificate_pem.encode())
    policy = PolicyBuilder().store(Store([anchor])).time(now)
    assert policy.build_server_verifier(x509.DNSName(host)).verify(leaf, []) == [leaf, anchor]
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName("db.example")).verify(leaf, [])
