"""Roots and leaves as Consul writes them."""

from datetime import datetime
from typing import Any

from meshcore.certificates.types import Leaf, Root
from meshcore.certificates.view import Certificates
from meshcore.lib.records import Record
from meshcore.wire.names import Out


class RootOut(Out, frozen=True, kw_only=True):
    id: str
    name: str
    serial_number: int
    signing_key_id: str
    external_trust_domain: str
    not_before: datetime
    not_after: datetime
    root_cert: str
    intermediate_certs: list[str] | None
    active: bool
    private_key_type: str
    private_key_bits: int
    create_index: int
    modify_index: int


class LeafOut(Out, frozen=True, kw_only=True):
    serial_number: str
    cert_pem: str
    private_key_pem: str
    service: str
    service_uri: str
    valid_after: datetime
    valid_before: datetime
    create_index: int
    modify_index: int


def roots_out(certificates: Certificates) -> dict[str, Any]:
    active = certificates.active_root()
    trust = certificates.trust
    return {
        "ActiveRootID": active.id if active else "",
        "TrustDomain": trust.value.trust_domain if trust else "",
        "Roots": [
            root_out(certificates.roots[root.id], cluster_id=trust.value.cluster_id)
            for root in certificates.trusted_roots()
            if trust is not None
        ],
    }


def root_out(record: Record[Root], *, cluster_id: str) -> RootOut:
    root = record.value
    return RootOut(
        id=root.id,
        name=root.name,
        serial_number=root.serial,
        signing_key_id=root.signing_key_id,
        external_trust_domain=cluster_id,
        not_before=root.not_before,
        not_after=root.not_after,
        root_cert=root.certificate_pem,
        intermediate_certs=intermediates(root) or None,
        active=root.state == "active",
        private_key_type=root.key_type,
        private_key_bits=root.key_bits,
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def intermediates(root: Root) -> list[str]:
    """What leads to the root from what signs, and to it from the root before."""
    return [pem for pem in (root.intermediates_pem, root.cross_signed_pem) if pem]


def leaf_out(record: Record[Leaf], *, private_key_pem: str) -> LeafOut:
    leaf = record.value
    return LeafOut(
        serial_number=leaf.serial,
        cert_pem=leaf.certificate_pem,
        private_key_pem=private_key_pem,
        service=leaf.service,
        service_uri=leaf.spiffe_id,
        valid_after=leaf.not_before,
        valid_before=leaf.not_after,
        create_index=record.create_index,
        modify_index=record.modify_index,
    )
