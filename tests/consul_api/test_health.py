import pytest

from tests.consul_api.calling import Consul
from tests.consul_api.shapes import OWN_NODE, SERF_HEALTH, check, service

WEB = {"Name": "web", "Port": 8080, "Check": {"TTL": "10s"}}
WEB_CHECK = check(
    "service:web",
    index=2,
    Name="Service 'web' check",
    ServiceID="web",
    ServiceName="web",
    Type="ttl",
)


@pytest.fixture
def consul(consul: Consul) -> Consul:
    consul.put("/v1/agent/service/register", WEB)
    return consul


def test_instance_comes_with_its_node_and_the_checks_of_both(consul: Consul) -> None:
    assert consul.get("/v1/health/service/web").json == [
        {
            "Node": OWN_NODE,
            "Service": service("web", index=2, Port=8080),
            "Checks": [SERF_HEALTH, WEB_CHECK],
        }
    ]


def test_checks_by_service_node_and_state(consul: Consul) -> None:
    assert consul.get("/v1/health/checks/web").json == [WEB_CHECK]
    assert consul.get("/v1/health/node/node-1").json == [SERF_HEALTH, WEB_CHECK]
    assert consul.get("/v1/health/state/any").json == [SERF_HEALTH, WEB_CHECK]
    assert consul.get("/v1/health/state/critical").json == [WEB_CHECK]
    assert consul.get("/v1/health/state/warning").json == []
    assert consul.get("/v1/health/state/fine").json == []


def test_passing_leaves_out_what_is_not(consul: Consul) -> None:
    assert consul.get("/v1/health/service/web?passing").json == []
    assert len(consul.get("/v1/health/service/web?passing=false").json) == 1
    consul.put("/v1/agent/check/pass/service:web")
    assert len(consul.get("/v1/health/service/web?passing=1").json) == 1
    refused = consul.get("/v1/health/service/web?passing=maybe")
    assert (refused.status, refused.text) == (400, "Invalid value for ?passing")


def test_critical_node_check_keeps_its_instances_from_passing(consul: Consul) -> None:
    consul.put("/v1/agent/check/pass/service:web")
    consul.put(
        "/v1/catalog/register",
        {"Node": "node-1", "SkipNodeUpdate": True, "Check": {"Name": "disk"}},
    )
    assert consul.get("/v1/health/service/web?passing").json == []


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("Checks.Status == critical", 1),
        ("Checks.Status == warning", 0),
        ("Service.Port == 8080 and Node.Node == `node-1`", 1),
        ('Node.Meta["consul-network-segment"] == ""', 1),
        ("Service.Meta is empty", 1),
        ("Service.Proxy.DestinationServiceName != web", 1),
    ],
)
def test_filter_is_over_node_service_and_checks(
    consul: Consul, expression: str, found: int
) -> None:
    assert len(consul.get(f"/v1/health/service/web?filter={expression}").json) == found


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Service.Prt == 1", 'Selector "Service.Prt" is not valid'),
        ("Service.Port = 1", '1:14 (13): no match found, expected: "!=", "==", "contains", '),
    ],
)
def test_filter_that_cannot_be_used_is_named(consul: Consul, expression: str, text: str) -> None:
    reply = consul.get(f"/v1/health/service/nothing?filter={expression}")
    assert reply.status == 500
    assert reply.text.startswith(f"Failed to create boolean expression evaluator: {text}")


def test_connect_finds_the_sidecars_of_a_service(consul: Consul) -> None:
    consul.put("/v1/agent/service/register", {**WEB, "Connect": {"SidecarService": {}}})
    (entry,) = consul.get("/v1/health/connect/web").json
    assert entry["Service"]["ID"] == "web-sidecar-proxy"
    assert [row["CheckID"] for row in entry["Checks"]] == [
        "serfHealth",
        "service:web-sidecar-proxy:1",
        "service:web-sidecar-proxy:2",
    ]
    (row,) = consul.get("/v1/catalog/connect/web").json
    assert row["ServiceID"] == "web-sidecar-proxy"


def test_checks_by_state_follow_the_meta_of_their_nodes(consul: Consul) -> None:
    target = "/v1/health/state/any?node-meta=rack:b"
    assert consul.get(target).json == []
    node = {"Node": "node-1", "Address": "127.0.0.1", "ID": "", "NodeMeta": {"rack": "b"}}
    consul.put("/v1/catalog/register", node)
    assert len(consul.get(target).json) == 2
