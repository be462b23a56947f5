"""`/v1/connect/ca/configuration`: lifetimes, and an authority of the operator's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from meshcore.certificates.rotation import Activate
from tests.certificates.authorities import made
from tests.consul_api.calling import Consul

PATH = "/v1/connect/ca/configuration"
YEAR = timedelta(days=365)
ENDS = datetime.now(UTC) + 5 * YEAR
BEGUN = datetime.now(UTC) - YEAR
ROOT = made("corporate root", begins=BEGUN, ends=ENDS)
SIGNING = made("mesh authority", by=ROOT, begins=BEGUN, ends=ENDS)
OWN = {"RootCert": SIGNING.pem + ROOT.pem, "PrivateKey": SIGNING.key_pem}


@pytest.fixture
def consul(consul: Consul) -> Consul:
    consul.run(consul.context.issuer.prepare())
    return consul


def put(consul: Consul, config: dict[str, Any], **others: object) -> tuple[int, str]:
    reply = consul.ask("PUT", PATH, {"Provider": "consul", "Config": config, **others})
    return reply.status, reply.text


def states(consul: Consul) -> list[str]:
    certificates = consul.context.store.mesh.certificates
    return sorted(root.state for root in certificates.trusted_roots())


def activate(consul: Consul) -> None:
    """As when the overlap is over."""
    roots = consul.context.store.mesh.certificates.trusted_roots()
    (prepared,) = (root for root in roots if root.state == "prepared")
    consul.run(consul.context.issuer.rotations.take(Activate(prepared.id)))


def test_configuration_is_consul_s_without_a_key(consul: Consul) -> None:
    reply = consul.get(PATH)
    index = reply.json["ModifyIndex"]
    assert reply.json == {
        "Provider": "consul",
        "Config": {
            "LeafCertTTL": "72h",
            "RootCertTTL": "87600h",
            "IntermediateCertTTL": "87600h",
            "PrivateKeyType": "ec",
            "PrivateKeyBits": 256,
        },
        "State": None,
        "ForceWithoutCrossSigning": False,
        "CreateIndex": reply.json["CreateIndex"],
        "ModifyIndex": index,
    }


def test_lifetimes_are_set_and_the_root_stays(consul: Consul) -> None:
    before = states(consul)
    assert put(consul, {"leaf_cert_ttl": "1h30m", "RootCertTTL": "8760h"}) == (200, "")
    config = consul.get(PATH).json["Config"]
    assert (config["LeafCertTTL"], config["RootCertTTL"]) == ("1h30m", "8760h")
    assert states(consul) == before
    consul.run(consul.context.issuer.prepare())  # as the next start of a server does
    assert consul.get(PATH).json["Config"] == config


def test_terraform_writes_numbers_as_text_and_what_only_vault_needs(consul: Consul) -> None:
    config = {"LeafCertTTL": "24h", "RotationPeriod": "2160h", "CSRMaxPerSecond": "50"}
    assert put(consul, config | {"PrivateKeyType": "ec", "PrivateKeyBits": "256"}) == (200, "")
    assert consul.get(PATH).json["Config"]["LeafCertTTL"] == "24h"


def test_what_was_read_can_be_written_back(consul: Consul) -> None:
    index = consul.context.store.mesh.index
    assert consul.put(PATH, consul.get(PATH).json).status == 200
    assert consul.context.store.mesh.index == index


def test_own_intermediate_is_rotated_to_and_shown_by_its_root(consul: Consul) -> None:
    (old,) = consul.get("/v1/connect/ca/roots").json["Roots"]
    assert put(consul, OWN) == (200, "")
    assert states(consul) == ["active", "prepared"]
    known = {root["ID"]: root for root in consul.get("/v1/connect/ca/roots").json["Roots"]}
    assert known.pop(old["ID"])["Active"]
    (new,) = known.values()
    assert (new["Active"], new["RootCert"]) == (False, ROOT.pem)
    assert new["IntermediateCerts"][0] == SIGNING.pem
    (voucher,) = x509.load_pem_x509_certificates(new["IntermediateCerts"][1].encode())
    assert voucher.subject == ROOT.certificate.subject
    assert voucher.issuer == x509.load_pem_x509_certificate(old["RootCert"].encode()).subject
    assert put(consul, OWN) == (200, "")  # it is on its way already
    assert "PRIVATE" not in consul.get(PATH).text


def test_configuration_with_the_given_root_can_be_written_back(consul: Consul) -> None:
    assert put(consul, OWN) == (200, "")
    activate(consul)
    shown = consul.get(PATH).json
    assert shown["Config"]["RootCert"] == OWN["RootCert"]
    index = consul.context.store.mesh.index
    assert consul.put(PATH, shown).status == 200
    assert consul.context.store.mesh.index == index


OTHER = made("other", begins=BEGUN, ends=ENDS)
PLAIN = made("plain", is_authority=False, begins=BEGUN, ends=ENDS)
ENDED = made("ended", begins=BEGUN, ends=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (OWN | {"RootCert": "nonsense"}, "the root certificate cannot be read"),
        (OWN | {"PrivateKey": OTHER.key_pem}, "does not belong to CN=mesh authority"),
        ({"RootCert": PLAIN.pem, "PrivateKey": PLAIN.key_pem}, "CN=plain is not a certificate"),
        ({"RootCert": ENDED.pem, "PrivateKey": ENDED.key_pem}, "CN=ended has expired"),
        ({"RootCert": ROOT.pem}, "RootCert was given without its PrivateKey"),
        ({"PrivateKey": ROOT.key_pem}, "PrivateKey was given without its RootCert"),
        ({"LeafCertTTL": "1s"}, "certificate lifetime leaf is 1s: it must be between"),
        ({"LeafCertTTL": "soon"}, 'LeafCertTTL: invalid duration "soon"'),
        ({"PrivateKeyType": "rsa", "PrivateKeyBits": 4096}, "is all that is made here"),
    ],
)
def test_bad_authority_is_refused_and_the_old_root_stays_in_force(
    consul: Consul, config: dict[str, Any], said: str
) -> None:
    index = consul.context.store.mesh.index
    status, text = put(consul, config)
    assert status == 400
    assert said in text
    assert "PRIVATE" not in text
    assert consul.context.store.mesh.index == index


def test_other_providers_are_named_as_not_supported(consul: Consul) -> None:
    reply = consul.ask("PUT", PATH, {"Provider": "vault", "Config": {"Address": "http://vault"}})
    assert (reply.status, reply.text[:41]) == (400, 'CA provider "vault" is not supported: "co')


def test_authority_that_cannot_vouch_is_left_only_when_that_is_said(consul: Consul) -> None:
    narrow = made("narrow", by=ROOT, path_length=0, begins=BEGUN, ends=ENDS)
    own = {"RootCert": narrow.pem + ROOT.pem, "PrivateKey": narrow.key_pem}
    assert put(consul, own) == (200, "")
    activate(consul)
    other = {"RootCert": OTHER.pem, "PrivateKey": OTHER.key_pem}
    status, text = put(consul, other)
    assert status == 409
    assert "(pathlen:0), so it cannot vouch for another; with ForceWithoutCrossSigning" in text
    assert put(consul, other, ForceWithoutCrossSigning=True) == (200, "")
    assert states(consul) == ["active", "prepared", "retiring"]
