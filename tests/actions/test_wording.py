from datetime import UTC, datetime

import msgspec
import pytest

from meshcore.acl.types import BindingRule, Bootstrap, Policy, Token
from meshcore.actions.wording import sentences
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch, ServiceIntentions
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Topic, Value
from meshcore.registry.types import Check, Instance, Node

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NODE = Node(name="node-1", address="10.0.0.1")
WEB = Instance(node="node-1", id="web-1", service="web")
SIDECAR = Instance(node="node-1", id="web-1-sidecar", service="web", kind="connect-proxy")
HTTP = Check(node="node-1", id="http", name="", service_id="web-1", status="passing")
CRITICAL = msgspec.structs.replace(HTTP, status="critical")
NOTED = msgspec.structs.replace(HTTP, notes="new")
ALIVE = Check(node="node-1", id="alive", name="", status="passing")
RESTING = Check(node="node-1", id="_node_maintenance", name="", notes="new disk")
DEFAULTS = ServiceDefaults(name="web")
ROOT = Root(
    id="5a:1b:2c:3d:4e",
    name="root",
    serial=1,
    signing_key_id="",
    trust_domain="",
    certificate_pem="",
    sealed_key=b"",
    not_before=NOON,
    not_after=NOON,
    prepared_at=NOON,
)
ACTIVE = msgspec.structs.replace(ROOT, state="active")
LEAF = Leaf(
    service="web",
    spiffe_id="",
    serial="1",
    certificate_pem="",
    sealed_key=b"",
    root_id="",
    not_before=NOON,
    not_after=NOON,
)
TOKEN = Token(accessor_id="11111111-2222", secret_hash="", sealed_secret=b"", created_at=NOON)
NAMED = msgspec.structs.replace(TOKEN, description="for CI")
RULE = BindingRule(id="33333333-4444", auth_method="k8s", bind_type="service", bind_name="web")
PLACE = Place(x=0, y=0)
PINNED = Place(x=1, y=1, is_pinned=True)
OF_SIDECAR = ("instance:node-1/sidecar",)


@pytest.mark.parametrize(
    ("topic", "key", "before", "after", "sentence"),
    [
        (Topic.NODE, ("node-1",), None, NODE, "node node-1 registered"),
        (Topic.NODE, ("node-1",), NODE, None, "node node-1 deregistered"),
        (Topic.PLACE, ("web",), None, PLACE, "the place of web in the graph set"),
        (Topic.PLACE, ("web",), PLACE, PINNED, "the place of web in the graph pinned"),
        (Topic.INSTANCE, (), None, WEB, "instance web-1 on node-1 registered"),
        (Topic.INSTANCE, (), WEB, WEB, "instance web-1 on node-1 changed"),
        (Topic.INSTANCE, (), SIDECAR, None, "sidecar web-1-sidecar on node-1 deregistered"),
        (Topic.CHECK, (), None, HTTP, "check http of web-1 on node-1 added: passing"),
        (Topic.CHECK, (), HTTP, CRITICAL, "check http of web-1 on node-1: passing → critical"),
        (Topic.CHECK, (), HTTP, NOTED, "check http of web-1 on node-1 changed"),
        (Topic.CHECK, (), ALIVE, None, "check alive of node node-1 deleted"),
        (Topic.CHECK, (), None, RESTING, "node node-1 put into maintenance: new disk"),
        (Topic.CHECK, (), RESTING, None, "node node-1 taken out of maintenance"),
        (
            Topic.CONFIG_ENTRY,
            ("service-defaults", "web"),
            DEFAULTS,
            None,
            "service-defaults web deleted",
        ),
        (Topic.TRUST, (), None, Trust(cluster_id=""), "the certificate authority prepared"),
        (Topic.ROOT, (), None, ROOT, "root 5a1b2c3d prepared"),
        (Topic.ROOT, (), ROOT, ACTIVE, "root 5a1b2c3d: prepared → active"),
        (
            Topic.LEAF,
            ("agent:web",),
            None,
            LEAF,
            "the certificate of web for HTTP clients issued",
        ),
        (
            Topic.LEAF,
            OF_SIDECAR,
            LEAF,
            LEAF,
            "the certificate of sidecar on node-1 renewed",
        ),
        (Topic.TOKEN, (), None, TOKEN, "token 11111111 created"),
        (Topic.TOKEN, (), NAMED, None, "token 11111111 (for CI) deleted"),
        (Topic.POLICY, (), None, Policy(id="1", name="ops"), "policy ops created"),
        (Topic.BINDING_RULE, (), RULE, None, "binding rule 33333333 of k8s deleted"),
        (
            Topic.BOOTSTRAP,
            (),
            None,
            Bootstrap(accessor_id="1111"),
            "the ACL bootstrap: the first management token is 1111",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) and " " in given else "",
)
def test_change_is_one_sentence(
    topic: Topic, key: tuple[str, ...], before: Value | None, after: Value | None, sentence: str
) -> None:
    assert sentences(Change(topic, key, before, after)) == (sentence,)


def entry(*intentions: Intention) -> ServiceIntentions:
    return ServiceIntentions(destination="db", intentions=intentions)


def intention(source: str, **given: object) -> Intention:
    return msgspec.convert({"source": source, "destination": "db"} | given, Intention)


def to(path: str) -> Permission:
    return Permission(action="allow", http=RequestMatch(path_prefix=path))


ALLOW = intention("web", action="allow")
DENY = intention("web", action="deny")
ANY = intention("*", action="deny")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            None,
            entry(ALLOW, ANY),
            ("intention web → db created: allow", "intention * → db created: deny"),
        ),
        (entry(ALLOW, ANY), entry(DENY, ANY), ("intention web → db: allow → deny",)),
        (entry(ALLOW, ANY), entry(ALLOW), ("intention * → db deleted: deny",)),
        (
            entry(ALLOW),
            entry(intention("web", action="allow", description="the shop")),
            ("intention web → db described anew: allow",),
        ),
        (
            entry(ALLOW),
            entry(intention("web", permissions=(to("/a"),))),
            ("intention web → db: allow → 1 permission",),
        ),
        (
            entry(intention("web", permissions=(to("/a"), to("/b")))),
            entry(intention("web", permissions=(to("/a"), to("/c")))),
            ("intention web → db: other permissions",),
        ),
        (entry(), entry(), ("the intentions toward db changed",)),
    ],
)
def test_each_intention_that_changes_is_a_sentence(
    before: ServiceIntentions | None, after: ServiceIntentions, said: tuple[str, ...]
) -> None:
    assert sentences(Change(Topic.INTENTIONS, ("db",), before, after)) == said
