import asyncio
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from meshcore.actions.certificates import forget_leaves
from meshcore.certificates.holders import agent_leaf_key
from tests.consul_api.calling import Consul, Reply


@pytest.fixture
def consul(consul: Consul) -> Consul:
    consul.run(consul.context.issuer.prepare())
    return consul


def test_roots_are_what_clients_are_to_trust(consul: Consul) -> None:
    known = consul.get("/v1/connect/ca/roots")
    (root,) = known.json["Roots"]
    record = next(iter(consul.context.store.mesh.certificates.roots.values()))
    assert known.json["ActiveRootID"] == root["ID"] == record.value.id
    assert known.json["TrustDomain"] == f"{root['ExternalTrustDomain']}.consul"
    assert (root["Active"], root["IntermediateCerts"]) == (True, None)
    assert root["RootCert"] == record.value.certificate_pem
    assert consul.get("/v1/agent/connect/ca/roots").json == known.json


def test_roots_as_one_pem_file(consul: Consul) -> None:
    reply = consul.get("/v1/connect/ca/roots?pem=true")
    assert reply.headers["content-type"] == "application/pem-certificate-chain"
    assert len(x509.load_pem_x509_certificates(reply.body)) == 1


def test_leaf_has_the_service_s_identity_and_its_key(consul: Consul) -> None:
    first = consul.get("/v1/agent/connect/ca/leaf/web")
    leaf = first.json
    certificate = x509.load_pem_x509_certificates(leaf["CertPEM"].encode())[0]
    key = load_pem_private_key(leaf["PrivateKeyPEM"].encode(), password=None)
    assert key.public_key() == certificate.public_key()
    assert leaf["Service"] == "web"
    assert leaf["ServiceURI"].endswith(".consul/ns/default/dc/dc1/svc/web")
    assert consul.get("/v1/agent/connect/ca/leaf/web").body == first.body
    waited = consul.get(f"/v1/agent/connect/ca/leaf/web?index={first.index}&wait=10ms")
    assert waited.body == first.body


def test_who_waits_for_a_leaf_is_given_the_next_one_when_that_is_due(consul: Consul) -> None:
    path = "/v1/agent/connect/ca/leaf/web"
    first = consul.get(path)

    async def waited() -> Reply | None:
        asking = asyncio.create_task(
            consul.client().ask("GET", f"{path}?index={first.index}&wait=60s")
        )
        for _ in range(10):  # until it waits
            await asyncio.sleep(0)
        # As the authority does with one that is due and that no proxy holds.
        forget = partial(forget_leaves, keys=frozenset({agent_leaf_key("web")}))
        await consul.context.store.write(forget, actor="test")
        return await asking

    answered = consul.run(waited())
    assert answered is not None
    assert answered.status == 200, answered.text
    assert answered.json["SerialNumber"] != first.json["SerialNumber"]
    assert answered.index > first.index
