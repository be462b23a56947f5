"""What one proxy needs, out of a whole mesh; and what wakes it."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from meshcore.certificates.types import Trust
from meshcore.config_entries.types import (
    PassiveHealthCheck,
    ProxyDefaults,
    ServiceDefaults,
    UpstreamConfig,
    UpstreamLimits,
    UpstreamTuning,
)
from meshcore.intentions.leaves import Leaf
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh import watch
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic, Value
from meshcore.proxycfg import snapshot
from meshcore.proxycfg.types import (
    Authorization,
    Destination,
    DestinationEndpoints,
    Endpoint,
    Limits,
    LocalApp,
    OutlierDetection,
    PublicListener,
    Scope,
    Settings,
    Snapshot,
    UpstreamListener,
)
from meshcore.registry.types import (
    CONNECT_PROXY,
    Check,
    Instance,
    Node,
    Proxy,
    Status,
    Upstream,
    Weights,
)

SETTINGS = Settings(datacenter="dc1", default_allow=False)
WEB = ("node-1", "web-sidecar-proxy")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sidecar(service: str, node: str = "node-1", **proxy: object) -> Instance:
    return Instance(
        node=node,
        id=f"{service}-sidecar-proxy",
        service=f"{service}-sidecar-proxy",
        kind=CONNECT_PROXY,
        port=21000,
        weights=Weights(passing=4, warning=1),
        proxy=Proxy(destination_service=service, local_service_port=8080, **proxy),  # type: ignore[arg-type] # as the test gives them
    )


def change(value: Value) -> Change:
    match value:
        case Node():
            return Change(Topic.NODE, (value.name,), None, value)
        case Instance():
            return Change(Topic.INSTANCE, value.key, None, value)
        case Check():
            return Change(Topic.CHECK, value.key, None, value)
        case ServiceIntentions():
            return Change(Topic.INTENTIONS, (value.destination,), None, value)
        case Trust():
            return Change(Topic.TRUST, (), None, value)
        case ServiceDefaults() | ProxyDefaults():
            return Change(Topic.CONFIG_ENTRY, (value.kind, value.name), None, value)
    raise AssertionError(value)


def mesh_of(*values: Value) -> Mesh:
    basics: Iterable[Value] = (
        Node(name="node-1", address="10.0.0.1"),
        Node(name="node-2", address="10.0.0.2"),
        Trust(cluster_id="c"),
    )
    return apply(Mesh(), [change(value) for value in (*basics, *values)], index=1)


def made(mesh: Mesh) -> Snapshot:
    found = snapshot.snapshot(mesh, WEB, SETTINGS)
    assert found is not None
    return found


def test_a_sidecar_needs_its_listener_its_app_and_its_upstreams() -> None:
    mesh = mesh_of(
        sidecar("web", upstreams=(Upstream(destination_name="api", local_bind_port=9000),)),
        sidecar("api", node="node-2"),
        ServiceDefaults(name="api", protocol="http"),
    )
    assert made(mesh) == Snapshot(
        proxy=WEB,
        service="web",
        scope=Scope(datacenter="dc1", trust_domain="c.consul"),
        public=PublicListener(service="web", protocol="tcp", address="10.0.0.1", port=21000),
        local_app=LocalApp(protocol="tcp", address="127.0.0.1", port=8080),
        authorization=Authorization(
            service="web",
            is_http=False,
            tree=Leaf("default>web", allow=False),
            changed_at=(0, 0),
            revoked_at=(0, 0),
            default_allow=False,
        ),
        destinations=(Destination(service="api", protocol="http"),),
        upstreams=(
            UpstreamListener(destination="api", protocol="http", address="127.0.0.1", port=9000),
        ),
        endpoints=(
            DestinationEndpoints(
                service="api",
                endpoints=(Endpoint(address="10.0.0.2", port=21000, weight=4, is_healthy=True),),
            ),
        ),
        trust_bundle="",
        leaf=None,
    )


@pytest.mark.parametrize(
    "key", [("node-1", "api-sidecar-proxy"), ("node-2", "web-sidecar-proxy"), ("node-1", "web")]
)
def test_a_proxy_that_is_not_registered_has_no_snapshot(key: tuple[str, str]) -> None:
    web = Instance(node="node-1", id="web", service="web", port=8080)
    assert snapshot.snapshot(mesh_of(sidecar("web"), web), key, SETTINGS) is None


def test_a_proxy_is_found_by_its_id_alone() -> None:
    mesh = mesh_of(sidecar("api", node="node-2"))
    assert snapshot.find(mesh, "api-sidecar-proxy") == ("node-2", "api-sidecar-proxy")
    assert snapshot.find(mesh, "api-sidecar-proxy", node="node-1") is None


@pytest.mark.parametrize(
    ("own", "nodes", "weight", "is_healthy"),
    [
        pytest.param("passing", "passing", 4, True, id="passing"),
        pytest.param("warning", "passing", 1, True, id="warning has its own weight"),
        pytest.param("critical", "passing", 4, False, id="critical"),
        pytest.param("passing", "critical", 4, False, id="its node is critical"),
    ],
)
def test_checks_decide_an_endpoint(
    own: Status, nodes: Status, weight: int, *, is_healthy: bool
) -> None:
    mesh = mesh_of(
        sidecar("web", upstreams=(Upstream(destination_name="api", local_bind_port=9000),)),
        sidecar("api", node="node-2"),
        Check(node="node-2", id="a", name="a", status=own, service_id="api-sidecar-proxy"),
        Check(node="node-2", id="n", name="n", status=nodes),
    )
    (reached,) = made(mesh).endpoints
    assert reached.endpoints == (
        Endpoint(address="10.0.0.2", port=21000, weight=weight, is_healthy=is_healthy),
    )


def test_the_particular_setting_of_an_upstream_wins() -> None:
    mesh = mesh_of(
        sidecar(
            "web",
            upstreams=(
                Upstream(
                    destination_name="api",
                    local_bind_port=1,
                    config={"connect_timeout_ms": "250"},
                ),
                Upstream(destination_name="db", local_bind_port=2),
            ),
        ),
        ServiceDefaults(
            name="web",
            upstream_config=UpstreamConfig(
                defaults=UpstreamTuning(
                    connect_timeout_ms=1000, limits=UpstreamLimits(max_connections=7)
                ),
                overrides=(
                    UpstreamTuning(
                        name="db",
                        connect_timeout_ms=500,
                        passive_health_check=PassiveHealthCheck(interval="10s", max_failures=3),
                    ),
                ),
            ),
        ),
    )
    limits = Limits(max_connections=7)
    assert made(mesh).destinations == (
        Destination(service="api", protocol="tcp", connect_timeout_ms=250, limits=limits),
        Destination(
            service="db",
            protocol="tcp",
            connect_timeout_ms=500,
            limits=limits,
            outlier_detection=OutlierDetection(interval_s=10, max_failures=3),
        ),
    )


def test_an_instances_config_stands_over_the_one_of_all_proxies() -> None:
    mesh = mesh_of(
        sidecar("web", config={"bind_port": 2222, "local_request_timeout_ms": 0}),
        ProxyDefaults(config={"bind_address": "0.0.0.0", "bind_port": 1111, "protocol": "http"}),
        ServiceDefaults(name="web", max_inbound_connections=9, local_request_timeout_ms=7000),
    )
    assert made(mesh).public == PublicListener(
        service="web",
        protocol="http",
        address="0.0.0.0",
        port=2222,
        max_connections=9,
        request_timeout_ms=0,
    )


def test_upstreams_that_lead_elsewhere_or_nowhere_are_left_out() -> None:
    upstreams = (
        Upstream(destination_name="api", local_bind_port=1),
        Upstream(destination_name="db", local_bind_port=1),
        Upstream(destination_name="db", datacenter="dc2", local_bind_port=2),
        Upstream(destination_name="db", destination_type="prepared_query", local_bind_port=3),
        Upstream(destination_name="db"),
    )
    found = made(mesh_of(sidecar("web", upstreams=upstreams)))
    assert [(u.destination, u.port) for u in found.upstreams] == [("api", 1)]


BEFORE = mesh_of(
    sidecar("web", upstreams=(Upstream(destination_name="api", local_bind_port=9000),)),
    sidecar("api", node="node-2"),
)
WEB_MAY = ServiceIntentions(
    destination="web", intentions=(Intention(source="db", destination="web", action="allow"),)
)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(WEB_MAY, id="intentions to it"),
        pytest.param(ServiceIntentions(destination="*"), id="intentions to all"),
        pytest.param(sidecar("api", node="node-1"), id="another instance of a destination"),
        pytest.param(
            Check(node="node-2", id="n", name="n", status="critical"), id="a destination's node"
        ),
        pytest.param(ServiceDefaults(name="web", protocol="http"), id="its protocol"),
        pytest.param(ServiceDefaults(name="api", protocol="http"), id="a destination's protocol"),
        pytest.param(ProxyDefaults(config={"protocol": "http"}), id="all proxies' config"),
        pytest.param(Node(name="node-1", address="10.9.9.9"), id="its node's address"),
        pytest.param(sidecar("web"), id="its registration"),
        pytest.param(ServiceIntentions(destination="api"), id="intentions to a destination"),
        pytest.param(ServiceDefaults(name="db", protocol="http"), id="a service it knows not"),
        pytest.param(sidecar("db"), id="a sidecar of another service"),
    ],
)
def test_whoever_watches_the_keys_misses_no_change_of_the_snapshot(value: Value) -> None:
    after = apply(BEFORE, [change(value)], index=2)
    keys = snapshot.watch_keys(BEFORE, WEB, SETTINGS)
    touched = frozenset(after.changed_since(1, keys))
    whole = made(after)
    assert whole == made(BEFORE) or touched
    if touched:
        refreshed = snapshot.refreshed(made(BEFORE), after, touched, SETTINGS)
        assert refreshed is None or refreshed == whole


def test_what_a_proxy_has_nothing_to_do_with_does_not_wake_it() -> None:
    keys = snapshot.watch_keys(BEFORE, WEB, SETTINGS)
    for value in (sidecar("db", node="node-2"), ServiceIntentions(destination="api")):
        after = apply(BEFORE, [change(value)], index=2)
        assert list(after.changed_since(1, keys)) == []


def test_a_proxy_without_registration_watches_for_it() -> None:
    assert watch.instance(*WEB) in snapshot.watch_keys(Mesh(), WEB, SETTINGS)


@pytest.mark.parametrize(
    ("own", "everywhere", "is_closing"),
    [
        pytest.param(9, 2, False, id="nobody lost a right"),
        pytest.param(11, 2, True, id="a right to this service is lost"),
        pytest.param(9, 11, True, id="a right to any service is lost"),
    ],
)
def test_connections_are_closed_when_somebody_lost_a_right(
    *, own: int, everywhere: int, is_closing: bool
) -> None:
    def gate(own: int, everywhere: int) -> str:
        web = ServiceIntentions(destination="web", revoked_at=own)
        anything = ServiceIntentions(destination="*", revoked_at=everywhere)
        return snapshot.authorize(mesh_of(web, anything), "web", SETTINGS).gate

    assert (gate(own, everywhere) != gate(9, 2)) is is_closing


def test_a_service_that_speaks_http_closes_nothing() -> None:
    http = mesh_of(ServiceDefaults(name="web", protocol="http"))
    assert snapshot.authorize(http, "web", SETTINGS).gate == ""
