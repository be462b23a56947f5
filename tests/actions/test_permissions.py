from datetime import UTC, datetime

import pytest

from meshcore.acl.rules import Access, RuleKind, exactly
from meshcore.acl.types import Token
from meshcore.actions.permissions import to_read, to_write
from meshcore.certificates.types import Leaf, Trust
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.types import Change, Topic, Value
from meshcore.registry.types import Check, Instance, Node

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NODE = Node(name="node-1", address="10.0.0.1")
WEB = Instance(node="node-1", id="web-1", service="web")
RENAMED = Instance(node="node-1", id="web-1", service="shop")
HTTP = Check(node="node-1", id="http", name="http", service_id="web-1", service="web")
ALIVE = Check(node="node-1", id="serfHealth", name="alive")
LEAF = Leaf(
    service="web",
    spiffe_id="spiffe://mesh/web",
    serial="1",
    certificate_pem="",
    sealed_key=b"",
    root_id="root",
    not_before=NOON,
    not_after=NOON,
)
TOKEN = Token(accessor_id="ops", secret_hash="hash", sealed_secret=b"", created_at=NOON)

node, service, mesh = RuleKind.NODE, RuleKind.SERVICE, RuleKind.MESH
operator, acl, intention = RuleKind.OPERATOR, RuleKind.ACL, RuleKind.INTENTION


def creation(topic: Topic, value: Value) -> Change:
    return Change(topic, ("key",), None, value)


@pytest.mark.parametrize(
    ("change", "write", "read"),
    [
        (creation(Topic.NODE, NODE), (node, "node-1"), (node, "node-1")),
        (creation(Topic.INSTANCE, WEB), (service, "web"), (service, "web")),
        (creation(Topic.CHECK, HTTP), (service, "web"), (service, "web")),
        (creation(Topic.CHECK, ALIVE), (node, "node-1"), (node, "node-1")),
        (
            creation(Topic.INTENTIONS, ServiceIntentions(destination="db")),
            (intention, "db"),
            (intention, "db"),
        ),
        (
            creation(Topic.CONFIG_ENTRY, ServiceDefaults(name="web")),
            (service, "web"),
            (service, "web"),
        ),
        (
            creation(Topic.CONFIG_ENTRY, OtherEntry(entry_kind="ingress-gateway", name="front")),
            (mesh, ""),
            (service, "front"),
        ),
        (
            creation(Topic.CONFIG_ENTRY, OtherEntry(entry_kind="rate-limit", name="global")),
            (operator, ""),
            (operator, ""),
        ),
        (creation(Topic.CONFIG_ENTRY, ProxyDefaults()), (mesh, ""), None),
        (
            creation(Topic.CONFIG_ENTRY, OtherEntry(entry_kind="mesh", name="mesh")),
            (mesh, ""),
            None,
        ),
        (creation(Topic.TRUST, Trust(cluster_id="one")), (operator, ""), None),
        (creation(Topic.LEAF, LEAF), (operator, ""), (service, "web")),
        (creation(Topic.TOKEN, TOKEN), (acl, ""), (acl, "")),
    ],
    ids=lambda given: str(given.topic) if isinstance(given, Change) else "",
)
def test_each_value_says_who_may_write_and_who_may_see_it(
    change: Change, write: tuple[RuleKind, str], read: tuple[RuleKind, str] | None
) -> None:
    assert to_write(change) == (exactly(*write, Access.WRITE),)
    assert to_read(change) == ((exactly(*read, Access.READ),) if read else ())


def test_deleting_needs_what_creating_needs() -> None:
    assert to_write(Change(Topic.NODE, ("node-1",), NODE, None)) == (
        exactly(node, "node-1", Access.WRITE),
    )


def test_change_from_one_service_to_another_needs_both() -> None:
    assert to_write(Change(Topic.INSTANCE, WEB.key, WEB, RENAMED)) == (
        exactly(service, "web", Access.WRITE),
        exactly(service, "shop", Access.WRITE),
    )
