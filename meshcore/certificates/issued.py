"""What is kept of every certificate that was issued, also when it was replaced since."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec
from cryptography import x509

from meshcore.certificates.authority import hex_serial
from meshcore.certificates.holders import holder
from meshcore.certificates.signing import ServerCertificate
from meshcore.certificates.spiffe import AuthorityId
from meshcore.certificates.types import Leaf, Root

Kind = Literal["leaf", "root", "voucher", "server"]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`issuer` is the id of the root that signed it, its own for a root."""

    serial: str
    kind: Kind
    spiffe_id: str
    issuer: str
    not_before: datetime
    not_after: datetime
    service: str = ""
    node: str = ""
    instance: str = ""
    index: int = 0


def of_leaf(key: str, leaf: Leaf, *, index: int) -> Record:
    whose = holder(key)
    return Record(
        serial=leaf.serial,
        kind="leaf",
        spiffe_id=leaf.spiffe_id,
        issuer=leaf.root_id,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
        service=leaf.service,
        node=whose.node,
        instance=whose.service_id,
        index=index,
    )


def of_root(root: Root, *, index: int) -> Iterator[Record]:
    """A given root was issued elsewhere; that one of ours vouches for it is still ours."""
    spiffe_id = AuthorityId(trust_domain=root.trust_domain).uri
    if not root.is_given:
        yield Record(
            serial=hex_serial(root.serial),
            kind="root",
            spiffe_id=spiffe_id,
            issuer=root.id,
            not_before=root.not_before,
            not_after=root.not_after,
            index=index,
        )
    if root.cross_signed_pem and root.cross_signed_by:
        voucher = x509.load_pem_x509_certificate(root.cross_signed_pem.encode())
        yield Record(
            serial=hex_serial(voucher.serial_number),
            kind="voucher",
            spiffe_id=spiffe_id,
            issuer=root.cross_signed_by,
            not_before=voucher.not_valid_before_utc,
            not_after=voucher.not_valid_after_utc,
            index=index,
        )


def of_server(made: ServerCertificate) -> Record:
    certificate = x509.load_pem_x509_certificate(made.certificate_pem.encode())
    return Record(
        serial=hex_serial(certificate.serial_number),
        kind="server",
        spiffe_id=made.spiffe_id,
        issuer=made.root_id,
        not_before=made.not_before,
        not_after=made.not_after,
    )
