from datetime import UTC, datetime

import pytest

from meshcore.certificates.types import Leaf
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh import watch
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic, Value, WatchKey
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node, Proxy

LEAF = Leaf(
    service="web",
    spiffe_id="",
    serial="",
    certificate_pem="",
    sealed_key=None,
    root_id="",
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    not_after=datetime(2026, 1, 4, tzinfo=UTC),
)

NODE = Node(name="node-1", address="10.0.0.1")
WEB = Instance(node="node-1", id="web-1", service="web", port=8080)
SIDECAR = Instance(
    node="node-1",
    id="web-1-sidecar-proxy",
    service="web-sidecar-proxy",
    kind=CONNECT_PROXY,
    proxy=Proxy(destination_service="web", destination_id="web-1"),
)
ELSEWHERE = Instance(node="node-2", id="db-1", service="db")
TAGGED = Instance(node="node-1", id="web-1", service="web", port=8080, tags=("v2",))
MOVED = Instance(node="node-1", id="web-1", service="web", port=8081)
ALIVE = Check(node="node-1", id="alive", name="alive", status="passing")
READY = Check(
    node="node-1",
    id="ready",
    name="ready",
    service_id="web-1-sidecar-proxy",
    service="web-sidecar-proxy",
)


def change(topic: Topic, before: Value | None, after: Value | None, *key: str) -> Change:
    return Change(topic, key, before, after)


MESH = apply(
    Mesh(),
    [
        change(Topic.NODE, None, NODE, "node-1"),
        *(change(Topic.INSTANCE, None, i, *i.key) for i in (WEB, SIDECAR, ELSEWHERE)),
    ],
    index=1,
)
NODE_KEYS = {watch.node("node-1")}
ON_NODE = {watch.service("web"), watch.service("web-sidecar-proxy"), watch.destination("web")}
INSTANCE_KEYS = NODE_KEYS | {
    watch.INSTANCES,
    watch.instance("node-1", "web-1"),
    watch.service("web"),
}


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        pytest.param(
            change(Topic.NODE, NODE, Node(name="node-1", address="10.0.0.2"), "node-1"),
            NODE_KEYS | ON_NODE | {watch.NODES},
            id="a node touches every service with an instance on it",
        ),
        pytest.param(
            change(Topic.INSTANCE, WEB, MOVED, *WEB.key),
            INSTANCE_KEYS,
            id="an instance touches its service",
        ),
        pytest.param(
            change(Topic.INSTANCE, WEB, TAGGED, *WEB.key),
            INSTANCE_KEYS | {watch.SERVICES},
            id="an instance with other tags touches the list of services",
        ),
        pytest.param(
            change(Topic.INSTANCE, WEB, None, *WEB.key),
            INSTANCE_KEYS | {watch.SERVICES},
            id="an instance that goes touches the list of services",
        ),
        pytest.param(
            change(Topic.CHECK, None, ALIVE, *ALIVE.key),
            NODE_KEYS | ON_NODE | {watch.CHECKS},
            id="a check of a node touches every service on it",
        ),
        pytest.param(
            change(Topic.CHECK, None, READY, *READY.key),
            NODE_KEYS
            | {watch.CHECKS, watch.service("web-sidecar-proxy"), watch.destination("web")},
            id="a check of a sidecar touches the service behind it",
        ),
        pytest.param(
            change(
                Topic.CONFIG_ENTRY, None, ServiceDefaults(name="web"), "service-defaults", "web"
            ),
            {
                watch.CONFIG_ENTRIES,
                watch.config_kind("service-defaults"),
                watch.config_entry("service-defaults", "web"),
            },
            id="a config entry touches itself and its kind",
        ),
        pytest.param(
            change(
                Topic.INTENTIONS,
                None,
                ServiceIntentions(
                    destination="web",
                    intentions=(Intention(source="api", destination="web", action="deny"),),
                ),
                "web",
            ),
            {
                watch.ALL_INTENTIONS,
                watch.config_kind("service-intentions"),
                watch.intentions("web"),
            },
            id="intentions touch their destination",
        ),
        pytest.param(
            change(Topic.LEAF, None, LEAF, "agent:web"),
            {watch.LEAVES, watch.leaf("agent:web")},
            id="a leaf touches itself and all leaves",
        ),
    ],
)
def test_a_change_touches_what_shows_it(changed: Change, keys: set[WatchKey]) -> None:
    mesh = apply(MESH, [changed], index=2)
    assert {key for key, index in mesh.touched.items() if index == 2} == {watch.ANYTHING, *keys}
