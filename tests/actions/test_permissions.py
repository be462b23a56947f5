from datetime import UTC, datetime

import pytest

from meshcore.acl.rules import Access, RuleKind, exactly
from meshcore.acl.types import Token
from meshcore.actions.permissions import ENTRIES, to_put_entry, to_read, to_write
from meshcore.certificates.types import Leaf, Trust
from meshcore.config_entries.types import KINDS, OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Topic, Value
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node, Proxy

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
        (Change(Topic.PLACE, ("web",), None, Place(x=0, y=0)), (service, "web"), (service, "web")),
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


def test_every_kind_of_config_entry_has_its_rules() -> None:
    assert sorted(ENTRIES) == sorted(KINDS)


def test_a_proxy_is_written_by_who_may_write_its_destination_too() -> None:
    proxy = Instance(
        node="node-1",
        id="proxy-1",
        service="web-sidecar-proxy",
        kind=CONNECT_PROXY,
        proxy=Proxy(destination_service="web"),
    )
    change = creation(Topic.INSTANCE, proxy)
    assert to_write(change) == (
        exactly(service, "web-sidecar-proxy", Access.WRITE),
        exactly(service, "web", Access.WRITE),
    )
    assert to_read(change) == (exactly(service, "web-sidecar-proxy", Access.READ),)


@pytest.mark.parametrize(
    ("kind", "body", "seen"),
    [
        ("service-router", {"Routes": [{"Destination": {"Service": "api"}}]}, ["api"]),
        (
            "service-splitter",
            {"Splits": [{"Weight": 50, "Service": "web"}, {"Weight": 50, "Service": "db"}]},
            ["db"],
        ),
        ("service-resolver", {"Redirect": {"Service": "api"}}, ["api"]),
        (
            "service-resolver",
            {"Failover": {"*": {"Targets": [{"Service": "db"}, {"Service": "api"}]}}},
            ["api", "db"],
        ),
        ("service-resolver", {"Subsets": {"v1": {"Filter": "Service.Meta.v == 1"}}}, []),
    ],
)
def test_traffic_is_sent_on_to_services_that_may_be_read(
    kind: str, body: dict[str, object], seen: list[str]
) -> None:
    entry = OtherEntry(entry_kind=kind, name="web", body=body)
    assert to_put_entry(entry) == (
        exactly(service, "web", Access.WRITE),
        *(exactly(service, name, Access.READ) for name in seen),
    )
