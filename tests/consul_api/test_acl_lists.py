"""What a list leaves out for whom, against the same list as the administrator sees it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.consul_api.acl_server import ADMIN, ask, bootstrapped, made, token_with
from tests.consul_api.calling import Consul, Reply

FILTERED = "x-consul-results-filtered-by-acls"
NODES = {"node-2": "10.0.0.2", "node-3": "10.0.0.3"}
OF_WEB = """
node "node-1" { policy = "read" }
node "node-2" { policy = "read" }
service "web" { policy = "read" }
service "web-sidecar-proxy" { policy = "read" }
"""

Row = dict[str, Any]


@pytest.fixture
def acls(consul: Consul) -> Consul:
    """On node-1 by its agent web and db, web with a sidecar; on node-2 and node-3 web and api."""
    acls = bootstrapped(consul)
    alive = {"Name": "alive", "TTL": "30s"}
    web = {"Name": "web", "Connect": {"SidecarService": {}}, "Check": alive}
    made(acls, "/v1/agent/service/register", web)
    made(acls, "/v1/agent/service/register", {"Name": "db", "Check": alive})
    made(acls, "/v1/agent/check/register", {"Name": "disk", "TTL": "30s"})
    for node, address in NODES.items():
        for service in ("web", "api"):
            body = {
                "Node": node,
                "Address": address,
                "Service": {"Service": service, "Tags": [node]},
                "Check": {"Name": f"{service} lives", "ServiceID": service, "Status": "passing"},
            }
            made(acls, "/v1/catalog/register", body)
    for source, destination in (("web", "api"), ("api", "db"), ("*", "db")):
        ends = f"source={source}&destination={destination}"
        made(acls, f"/v1/connect/intentions/exact?{ends}", {"Action": "allow"})
    for name in ("api", "web"):
        made(acls, "/v1/config", {"Kind": "service-defaults", "Name": name, "Protocol": "tcp"})
    return acls


@pytest.fixture
def web(acls: Consul) -> str:
    """The secret of a token that may read web on two of its three nodes."""
    secret: str = token_with(acls, OF_WEB)["SecretID"]
    return secret


def get(acls: Consul, target: str, secret: str) -> Reply:
    reply = ask(acls, "GET", target, secret=secret)
    assert reply.status == 200, reply.text
    return reply


def is_on_a_known_node(row: Row) -> bool:
    return str(row["Node"]) != "node-3"


def is_known_check(row: Row) -> bool:
    return is_on_a_known_node(row) and row["ServiceName"] in ("", "web", "web-sidecar-proxy")


@pytest.mark.parametrize(
    ("target", "is_shown"),
    [
        ("/v1/catalog/nodes", is_on_a_known_node),
        ("/v1/catalog/service/web", is_on_a_known_node),
        ("/v1/catalog/service/api", lambda _: False),
        ("/v1/health/service/web", lambda row: is_on_a_known_node(row["Node"])),
        ("/v1/health/checks/web", is_known_check),
        ("/v1/health/node/node-1", is_known_check),
        ("/v1/health/node/node-3", is_known_check),
        ("/v1/health/state/any", is_known_check),
        ("/v1/health/state/passing", is_known_check),
        ("/v1/config/service-defaults", lambda row: row["Name"] == "web"),
        (
            "/v1/connect/intentions",
            lambda row: (
                "web" in (row["SourceName"], row["DestinationName"]) or row["SourceName"] == "*"
            ),
        ),
    ],
)
def test_rows_that_the_token_may_not_read_are_left_out(
    acls: Consul, web: str, target: str, is_shown: Callable[[Row], bool]
) -> None:
    everything, shown = get(acls, target, ADMIN), get(acls, target, web)
    assert FILTERED not in everything.headers
    assert shown.json == [row for row in everything.json if is_shown(row)]
    assert len(shown.json) < len(everything.json)
    assert shown.headers[FILTERED] == "true"


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("/v1/catalog/services", ["web", "web-sidecar-proxy"]),
        ("/v1/agent/services", ["web", "web-sidecar-proxy"]),
        (
            "/v1/agent/checks",
            [
                "disk",
                "service:web",
                "service:web-sidecar-proxy:1",
                "service:web-sidecar-proxy:2",
            ],
        ),
    ],
)
def test_names_that_the_token_may_not_read_are_left_out(
    acls: Consul, web: str, target: str, names: list[str]
) -> None:
    everything, shown = get(acls, target, ADMIN).json, get(acls, target, web)
    assert shown.json == {name: everything[name] for name in names}
    assert len(shown.json) < len(everything)
    assert shown.headers[FILTERED] == "true"


def test_a_node_is_shown_with_those_of_its_services_that_may_be_read(
    acls: Consul, web: str
) -> None:
    everything, shown = (get(acls, "/v1/catalog/node/node-2", s).json for s in (ADMIN, web))
    assert list(everything["Services"]) == ["api", "web"]
    assert shown == everything | {"Services": {"web": everything["Services"]["web"]}}
    listed, shown = (get(acls, "/v1/catalog/node-services/node-2", s).json for s in (ADMIN, web))
    assert shown == listed | {"Services": [listed["Services"][1]]}


def test_a_node_that_may_not_be_read_is_as_one_that_is_not_there(acls: Consul, web: str) -> None:
    for path in ("catalog/node", "catalog/node-services"):
        hidden, absent = (get(acls, f"/v1/{path}/{name}", web) for name in ("node-3", "node-4"))
        assert hidden.body == absent.body == b"null"
        assert (FILTERED in hidden.headers, FILTERED in absent.headers) == (True, False)


def test_proxies_are_found_by_who_may_read_them_and_the_service_behind_them(acls: Consul) -> None:
    of_proxy = 'node_prefix "" {policy = "read"} service "web-sidecar-proxy" {policy = "read"}'
    of_both = of_proxy + ' service "web" {policy = "read"}'
    for path in ("catalog", "health"):
        target = f"/v1/{path}/connect/web"
        everything = get(acls, target, ADMIN).json
        assert len(everything) == 1
        alone, both = (
            get(acls, target, token_with(acls, rules)["SecretID"]) for rules in (of_proxy, of_both)
        )
        assert (alone.json, FILTERED in alone.headers) == ([], True)
        assert (both.json, FILTERED in both.headers) == (everything, False)


@pytest.mark.parametrize(
    "question",
    [
        'filter=Node=="node-3"',
        "tag=node-3",
        "node-meta=rack:3",
    ],
)
def test_a_question_about_a_hidden_row_is_answered_as_one_about_none(
    acls: Consul, web: str, question: str
) -> None:
    rack = {"Node": "node-3", "Address": "10.0.0.3", "NodeMeta": {"rack": "3"}}
    made(acls, "/v1/catalog/register", rack)
    right = get(acls, f"/v1/catalog/service/web?{question}", web)
    wrong = get(acls, f"/v1/catalog/service/web?{question.replace('3', '4')}", web)
    assert len(get(acls, f"/v1/catalog/service/web?{question}", ADMIN).json) == 1
    assert (right.body, right.headers) == (wrong.body, wrong.headers)


def test_services_are_found_by_what_is_known_of_their_nodes(acls: Consul, web: str) -> None:
    target = '/v1/catalog/services?filter=Node=="node-3"'
    assert get(acls, target, ADMIN).json == {"api": ["node-3"], "web": ["node-3"]}
    assert get(acls, target, web).json == {}


def test_nobody_is_told_that_there_is_more_without_a_token(acls: Consul) -> None:
    reply = get(acls, "/v1/catalog/services", "")
    assert (reply.json, FILTERED in reply.headers) == ({}, False)


def test_an_answer_is_kept_for_those_with_the_same_rights_alone(acls: Consul, web: str) -> None:
    target = "/v1/catalog/services"
    twin = token_with(acls, OF_WEB)["SecretID"]
    other = token_with(acls, 'service "api" {policy = "read"}')["SecretID"]
    for _ in range(2):
        assert list(get(acls, target, web).json) == ["web", "web-sidecar-proxy"]
        assert list(get(acls, target, twin).json) == ["web", "web-sidecar-proxy"]
        assert list(get(acls, target, other).json) == ["api"]
        assert len(get(acls, target, ADMIN).json) == 4
        assert get(acls, target, "").json == {}
