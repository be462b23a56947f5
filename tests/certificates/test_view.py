from datetime import UTC, datetime

import msgspec
import pytest

from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.certificates.view import Certificates
from meshcore.lib.errors import NotFoundError
from meshcore.lib.records import Record

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def record(value: Root) -> Record[Root]:
    return Record(value=value, create_index=1, modify_index=1)


def variant(root: Root, root_id: str, **changes: object) -> Root:
    return msgspec.structs.replace(root, id=root_id, certificate_pem=f"{root_id}\n", **changes)


def test_every_known_root_is_trusted_newest_first_and_one_signs(root: Root) -> None:
    old = variant(root, "old", state="retiring", prepared_at=NOW.replace(year=2024))
    active = variant(root, "active", state="active", prepared_at=NOW.replace(year=2025))
    new = variant(root, "new", state="prepared", prepared_at=NOW)
    certificates = Certificates()
    for each in (active, new, old):
        certificates = certificates.with_root(each.id, record(each))

    assert certificates.trusted_roots() == (new, active, old)
    assert certificates.trust_bundle() == "new\nactive\nold\n"
    assert certificates.active_root() == active
    assert certificates.root("old") == old
    assert certificates.with_root("old", None).trusted_roots() == (new, active)
    assert certificates.with_root("gone", None) == certificates


def test_nothing_is_there_before_the_authority_is_set_up() -> None:
    certificates = Certificates()
    assert certificates.active_root() is None
    assert certificates.trusted_roots() == ()
    assert certificates.leaf("web") is None
    with pytest.raises(NotFoundError, match="certificate authority is not set up yet"):
        _ = certificates.trust_domain


def test_trust_and_leaves_are_looked_up() -> None:
    leaf = Leaf(
        service="web",
        spiffe_id="spiffe://x/ns/default/dc/dc1/svc/web",
        serial="01",
        certificate_pem="",
        sealed_key=None,
        root_id="active",
        not_before=NOW,
        not_after=NOW,
    )
    certificates = (
        Certificates()
        .with_trust(Record(value=Trust(cluster_id="1234"), create_index=1, modify_index=1))
        .with_leaf("web-1", Record(value=leaf, create_index=2, modify_index=2))
    )
    assert certificates.trust_domain == "1234.consul"
    assert certificates.leaf("web-1") == leaf
    assert certificates.with_leaf("web-1", None).leaf("web-1") is None
