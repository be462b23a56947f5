"""The escape hatch: what operators write is used, and the mesh's rules hold all the same."""

import json
import re
from typing import Any

import msgspec
import pytest
from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.listener.v3 import listener_pb2
from google.protobuf import json_format

from meshcore.proxycfg.types import (
    Destination,
    LocalApp,
    PublicListener,
    UpstreamListener,
)
from meshcore.xds import clusters, custom, listeners
from meshcore.xds.names import HTTP_INTENTIONS, NETWORK_INTENTIONS
from meshcore.xds.resources import Resource
from tests.xds.golden import SCOPE, as_json

TYPES = "type.googleapis.com/"
ADDRESS = {"socket_address": {"address": "127.0.0.1", "port_value": 9}}
LUA = {
    "name": "lua",
    "typed_config": {
        "@type": f"{TYPES}envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string": "-- nothing"},
    },
}
ECHO = {
    "name": "echo",
    "typed_config": {"@type": f"{TYPES}envoy.extensions.filters.network.echo.v3.Echo"},
}
MANAGER = {
    "name": "manager",
    "typed_config": {
        "@type": f"{TYPES}envoy.extensions.filters.network.http_connection_manager.v3"
        ".HttpConnectionManager",
        "stat_prefix": "own",
        "http_filters": [LUA],
    },
}


def chain(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"filters": list(filters)}


def listener(**fields: object) -> str:
    return json.dumps({"name": "own", "address": ADDRESS, **fields})


def public(protocol: str, text: str) -> dict[str, Any]:
    described = PublicListener(
        service="api", protocol=protocol, address="10.0.0.1", port=21000, listener_json=text
    )
    return content(listeners.public(described, SCOPE, "gate"))


def content(resource: Resource) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json(resource))
    return found


def filters_of(message: dict[str, Any]) -> list[list[str]]:
    """The names of each chain's network filters, those of its HTTP filters after them."""
    return [
        [f["name"] for f in each["filters"]]
        + [h["name"] for f in each["filters"] for h in f["typed_config"].get("http_filters", ())]
        for each in (
            {**one, "filters": [{"typed_config": {}, **f} for f in one["filters"]]}
            for one in message["filter_chains"]
        )
    ]


@pytest.mark.parametrize(
    ("protocol", "text", "filters"),
    [
        pytest.param(
            "tcp",
            listener(filter_chains=[chain(ECHO), chain(ECHO)]),
            [[NETWORK_INTENTIONS, "echo"]] * 2,
            id="every chain of a TCP service",
        ),
        pytest.param(
            "http",
            listener(filter_chains=[chain(MANAGER)]),
            [
                [
                    "manager",
                    "envoy.filters.http.header_mutation",
                    HTTP_INTENTIONS,
                    "lua",
                ]
            ],
            id="HTTP: before the operator's own filters",
        ),
        pytest.param(
            "http",
            listener(filter_chains=[chain(MANAGER), chain(ECHO)]),
            [
                [
                    "manager",
                    "envoy.filters.http.header_mutation",
                    HTTP_INTENTIONS,
                    "lua",
                ],
                [NETWORK_INTENTIONS, "echo"],
            ],
            id="HTTP: a chain without HTTP stays shut",
        ),
        pytest.param(
            "tcp",
            listener(default_filter_chain=chain(ECHO)),
            [[NETWORK_INTENTIONS, "echo"]],
            id="the default chain is one as well",
        ),
    ],
)
def test_intentions_and_certificates_are_demanded_of_a_custom_public_listener(
    protocol: str, text: str, filters: list[list[str]]
) -> None:
    made = public(protocol, text)
    assert made["address"] == ADDRESS
    assert filters_of(made) == filters
    usual = public(protocol, "")["filter_chains"][0]["transport_socket"]
    assert [each["transport_socket"] for each in made["filter_chains"]] == [usual] * len(filters)


def test_a_custom_listener_of_an_upstream_is_taken_as_it_is() -> None:
    described = UpstreamListener(
        destination="api",
        protocol="tcp",
        address="127.0.0.1",
        port=9191,
        listener_json=listener(filter_chains=[chain(ECHO)]),
    )
    made = content(listeners.upstream(described, SCOPE))
    assert (made["address"], filters_of(made)) == (ADDRESS, [["echo"]])
    assert made["traffic_direction"] == "OUTBOUND"


def test_a_custom_cluster_keeps_mutual_tls_and_its_name() -> None:
    own = json.dumps({"name": "own", "connect_timeout": "3s", "type": "EDS"})
    usual = Destination(service="api", protocol="tcp")
    made = clusters.destination(msgspec.structs.replace(usual, cluster_json=own), SCOPE)
    shown, of_usual = content(made), content(clusters.destination(usual, SCOPE))
    assert shown["connect_timeout"] == "3s"
    assert (shown["name"], shown["transport_socket"]) == (
        of_usual["name"],
        of_usual["transport_socket"],
    )
    assert made.needs == made.name


def test_a_custom_cluster_of_the_application_has_the_name_that_listeners_know() -> None:
    own = json.dumps({"name": "own", "connect_timeout": "3s"})
    app = LocalApp(protocol="tcp", address="127.0.0.1", port=8080, cluster_json=own)
    made = content(clusters.local_app(app))
    assert (made["name"], made["connect_timeout"]) == ("local_app", "3s")


def test_the_type_may_stand_at_the_top_as_consuls_users_write_it() -> None:
    text = json.dumps({"@type": f"{TYPES}envoy.config.cluster.v3.Cluster", "name": "own"})
    assert custom.parsed(text, cluster_pb2.Cluster) == cluster_pb2.Cluster(name="own")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("{", "double quotes", id="no JSON"),
        pytest.param("[]", "no JSON object", id="no object"),
        pytest.param('{"colour": 1}', "colour", id="an unknown field"),
        pytest.param(
            json.dumps({"@type": f"{TYPES}envoy.config.cluster.v3.Cluster"}),
            "it is a .*Cluster",
            id="something else",
        ),
        pytest.param(
            listener(
                filter_chains=[
                    chain({"name": "x", "typed_config": {"@type": f"{TYPES}envoy.no.such.Type"}})
                ]
            ),
            "envoy.no.such.Type",
            id="a type that nobody knows",
        ),
    ],
)
def test_what_is_no_listener_is_said_and_the_usual_one_stays(
    text: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert public("tcp", text) == public("tcp", "")
    caplog.clear()
    assert custom.parsed(text, listener_pb2.Listener) is None
    (record,) = caplog.records
    assert record.getMessage().startswith("a custom listener is not used: ")
    assert record.levelname == "WARNING"
    assert re.search(reason, record.getMessage())


def test_a_listener_survives_the_way_there_and_back() -> None:
    text = listener(filter_chains=[chain(MANAGER)])
    found = custom.parsed(text, listener_pb2.Listener)
    assert found is not None
    assert json_format.MessageToDict(found, preserving_proto_field_name=True) == json.loads(text)
