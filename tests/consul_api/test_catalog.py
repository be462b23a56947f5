from typing import Any

import pytest

from tests.consul_api.calling import Consul
from tests.consul_api.shapes import OWN_NODE, service

WEB = {
    "Node": "node-2",
    "Address": "10.0.0.2",
    "NodeMeta": {"rack": "b"},
    "Service": {
        "ID": "web-1",
        "Service": "web",
        "Tags": ["v1", "Blue"],
        "Port": 8080,
        "Meta": {"version": "1"},
    },
    "Check": {"Name": "alive", "Status": "passing", "ServiceID": "web-1"},
}
NODE_2 = {
    "ID": "",
    "Node": "node-2",
    "Address": "10.0.0.2",
    "Datacenter": "dc1",
    "TaggedAddresses": None,
    "Meta": {"rack": "b"},
    "CreateIndex": 2,
    "ModifyIndex": 2,
}
WEB_1 = service(
    "web-1", index=2, Service="web", Tags=["v1", "Blue"], Port=8080, Meta={"version": "1"}
)


def test_registered_service_is_in_the_catalog_as_one_flat_row(consul: Consul) -> None:
    assert consul.put("/v1/catalog/register", WEB).body == b"true"
    assert consul.get("/v1/catalog/service/web").json == [
        {
            "ID": "",
            "Node": "node-2",
            "Address": "10.0.0.2",
            "Datacenter": "dc1",
            "TaggedAddresses": None,
            "NodeMeta": {"rack": "b"},
            "ServiceKind": "",
            "ServiceID": "web-1",
            "ServiceName": "web",
            "ServiceTags": ["v1", "Blue"],
            "ServiceAddress": "",
            "ServiceWeights": {"Passing": 1, "Warning": 1},
            "ServiceMeta": {"version": "1"},
            "ServicePort": 8080,
            "ServiceSocketPath": "",
            "ServiceEnableTagOverride": False,
            "ServiceProxy": {"Mode": "", "MeshGateway": {}, "Expose": {}},
            "ServiceConnect": {},
            "ServiceLocality": None,
            "CreateIndex": 2,
            "ModifyIndex": 2,
        }
    ]


def test_lists_of_the_catalog(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    assert consul.get("/v1/catalog/datacenters").json == ["dc1"]
    assert consul.get("/v1/catalog/nodes").json == [OWN_NODE, NODE_2]
    assert consul.get("/v1/catalog/nodes?node-meta=rack:b").json == [NODE_2]
    assert consul.get("/v1/catalog/services").json == {"web": ["Blue", "v1"]}
    assert consul.get("/v1/catalog/services?node-meta=rack:a").json == {}
    assert consul.get("/v1/catalog/node/node-2").json == {
        "Node": NODE_2,
        "Services": {"web-1": WEB_1},
    }
    assert consul.get("/v1/catalog/node-services/node-2").json == {
        "Node": NODE_2,
        "Services": [WEB_1],
    }


def test_what_is_not_there_is_empty_or_null(consul: Consul) -> None:
    assert consul.get("/v1/catalog/service/db").json == []
    assert consul.get("/v1/catalog/connect/db").json == []
    assert consul.get("/v1/catalog/node/node-9").json is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=v1", True),
        ("tag=BLUE&tag=v1", True),
        ("tag=v1&tag=v2", False),
        ("node-meta=rack:b", True),
        ("node-meta=rack:a", False),
        ("filter=ServiceMeta.version+==+1", True),
        ('filter="v1"+in+ServiceTags+and+NodeMeta.rack+!=+b', False),
    ],
)
def test_instances_are_chosen_by_tags_meta_and_filter(
    *, consul: Consul, query: str, found: bool
) -> None:
    consul.put("/v1/catalog/register", WEB)
    assert len(consul.get(f"/v1/catalog/service/web?{query}").json) == found


def test_deregistering_takes_a_check_then_the_service_then_the_node(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    consul.put("/v1/catalog/deregister", {"Node": "node-2", "CheckID": "alive"})
    assert consul.get("/v1/health/node/node-2").json == []
    consul.put("/v1/catalog/deregister", {"Node": "node-2", "ServiceID": "web-1"})
    assert consul.get("/v1/catalog/services").json == {}
    consul.put("/v1/catalog/deregister", {"Node": "node-2"})
    assert consul.get("/v1/catalog/nodes").json == [OWN_NODE]


def test_writing_the_same_again_takes_no_index(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    before = consul.get("/v1/catalog/service/web")
    consul.put("/v1/catalog/register", WEB)
    assert consul.get("/v1/catalog/service/web") == before
    assert consul.context.store.mesh.index == 2


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "Request decode failed: EOF"),
        (b"{", 400, "Request decode failed: Input data was truncated"),
        (
            {"Node": 1},
            400,
            "Request decode failed: Expected `str`, got `int` - at `$.Node`",
        ),
        ({"Address": "10.0.0.2"}, 400, "Must provide node"),
        ({"Node": "a"}, 400, "Must provide address if SkipNodeUpdate is not set"),
        ({"Node": "a", "Address": "1.2.3.4", "Datacenter": "dc9"}, 500, "No path to datacenter"),
        (
            {"Node": "a", "Address": "1.2.3.4", "ID": "x"},
            400,
            "Bad node ID: x is not a UUID",
        ),
        (
            {"Node": "a", "Address": "1.2.3.4", "Service": {"ID": "x"}},
            400,
            "Must provide service name with ID",
        ),
        (
            {"Node": "a", "Address": "1.2.3.4", "Service": {"Service": "x", "Address": "0.0.0.0"}},
            400,
            "Invalid service address",
        ),
        (
            {"Node": "a", "Address": "1.2.3.4", "Check": {"Name": "x", "Status": "fine"}},
            400,
            'Bad check status "fine"',
        ),
        (
            {"Node": "a", "Address": "1.2.3.4", "Check": {"Name": "x", "Node": "b"}},
            400,
            'check node "b" does not match node "a"',
        ),
        (
            {"Node": "a", "Address": "1.2.3.4", "Check": {"Name": "x", "ServiceID": "gone"}},
            400,
            'Unknown service ID "gone" for check ID "x"',
        ),
    ],
)
def test_refusals_are_plain_text(consul: Consul, body: Any, status: int, text: str) -> None:  # noqa: ANN401
    reply = consul.ask("PUT", "/v1/catalog/register", body)
    assert (reply.status, reply.text) == (status, text)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert consul.context.store.mesh.index == 1


@pytest.mark.parametrize(
    "body",
    [
        {"node": "a", "ADDRESS": "1.2.3.4", "service": {"service": "x", "port": 1}},
        {"Node": "a", "Address": "1.2.3.4", "Service": {"Service": "x", "Port": 1}, "More": 1},
        {
            "Node": "a",
            "Address": "1.2.3.4",
            "node_meta": None,
            "Service": {"Service": "x", "Port": 1, "Tags": None, "Weights": None},
        },
    ],
)
def test_names_come_in_any_case_and_null_is_unset(consul: Consul, body: object) -> None:
    consul.put("/v1/catalog/register", body)
    (row,) = consul.get("/v1/catalog/service/x").json
    assert (row["Node"], row["ServicePort"], row["NodeMeta"]) == ("a", 1, {})


def test_go_client_s_registration_with_all_its_nulls_is_taken(consul: Consul) -> None:
    consul.put(
        "/v1/catalog/register",
        {
            "ID": "",
            "Node": "a",
            "Address": "1.2.3.4",
            "TaggedAddresses": None,
            "NodeMeta": None,
            "Datacenter": "",
            "Service": {
                "ID": "x",
                "Service": "x",
                "Tags": None,
                "Meta": None,
                "Port": 1,
                "Address": "",
                "Weights": {"Passing": 0, "Warning": 0},
                "EnableTagOverride": False,
                "CreateIndex": 0,
                "ModifyIndex": 0,
                "Datacenter": "dc1",
            },
            "Check": None,
            "Checks": None,
            "SkipNodeUpdate": False,
            "Partition": "",
            "Locality": None,
        },
    )
    (row,) = consul.get("/v1/catalog/service/x").json
    assert row["ServiceWeights"] == {"Passing": 1, "Warning": 1}


def test_definition_of_a_check_is_kept_for_who_runs_it(consul: Consul) -> None:
    definition = {"HTTP": "http://10.0.0.2/", "Interval": "30s", "Timeout": "5s"}
    consul.put(
        "/v1/catalog/register",
        {
            "Node": "a",
            "Address": "1.2.3.4",
            "Check": {"Name": "x", "Definition": {**definition, "Interval": 30_000_000_000}},
        },
    )
    (row,) = consul.get("/v1/health/node/a").json
    assert (row["Definition"], row["Interval"], row["Status"]) == (definition, "30s", "critical")
