"""What holds for every endpoint."""

import gzip

import pytest

from meshcore.consul_api import authorization
from meshcore.consul_api.requests import MAX_BODY
from tests.consul_api.calling import Consul


def test_unknown_path_is_said_to_be_none_of_the_api(consul: Consul) -> None:
    reply = consul.get("/v1/nothing")
    text = "Invalid URL path: not a recognized HTTP API endpoint"
    assert (reply.status, reply.text) == (404, text)
    assert consul.get("/nothing").text.endswith("ensure the path starts with '/v1/'")


def test_wrong_method_is_told_the_right_ones(consul: Consul) -> None:
    reply = consul.ask("POST", "/v1/catalog/nodes")
    assert (reply.status, reply.text) == (405, "method POST not allowed")
    assert reply.headers["allow"] == "OPTIONS,GET"
    options = consul.ask("OPTIONS", "/v1/config/service-defaults")
    assert (options.status, options.body) == (200, b"")
    assert options.headers["allow"] == "OPTIONS,GET,DELETE"


def test_answers_carry_consul_s_metadata(consul: Consul) -> None:
    headers = consul.get("/v1/catalog/nodes").headers
    assert headers == {
        "content-type": "application/json",
        "vary": "Accept-Encoding",
        "x-consul-default-acl-policy": "allow",
        "x-consul-index": "1",
        "x-consul-knownleader": "true",
        "x-consul-lastcontact": "0",
        "x-consul-effective-consistency": "leader",
        "x-consul-query-backend": "blocking-query",
        "content-length": headers["content-length"],
    }


def test_long_answers_are_packed_for_those_who_take_it(consul: Consul) -> None:
    for number in range(20):
        node = {"Node": f"node-{number}", "Address": "10.0.0.1"}
        consul.put("/v1/catalog/register", node)
    plain = consul.get("/v1/catalog/nodes")
    packed = consul.get("/v1/catalog/nodes", accept_encoding="gzip, deflate")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    short = consul.get("/v1/status/leader", accept_encoding="gzip")
    assert "content-encoding" not in short.headers


def test_pretty_is_four_spaces_and_a_line_end(consul: Consul) -> None:
    assert consul.get("/v1/status/peers?pretty").text == '[\n    "127.0.0.1:8300"\n]\n'
    assert consul.get("/v1/status/leader").text == '"127.0.0.1:8300"'


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("dc=dc2", 500, "No path to datacenter"),
        (
            "ns=team",
            400,
            'Invalid query parameter: "ns" - Namespaces are a Consul Enterprise feature',
        ),
        (
            "stale&consistent",
            400,
            "Cannot specify ?stale with ?consistent, conflicting semantics.",
        ),
        ("index=x", 400, "Invalid index"),
        ("index=1&wait=soon", 400, "Invalid wait time"),
    ],
)
def test_parameters_that_are_refused_everywhere(
    consul: Consul, query: str, status: int, text: str
) -> None:
    reply = consul.get(f"/v1/catalog/nodes?{query}")
    assert (reply.status, reply.text) == (status, text)


def test_consistent_read_sees_what_was_committed(consul: Consul) -> None:
    consul.put("/v1/catalog/register", {"Node": "a", "Address": "10.0.0.1"})
    assert len(consul.get("/v1/catalog/nodes?consistent").json) == 2
    assert len(consul.get("/v1/catalog/nodes?dc=dc1&stale").json) == 2


def test_body_and_url_are_bounded(consul: Consul) -> None:
    assert consul.ask("PUT", "/v1/catalog/register", b" " * (MAX_BODY + 1)).status == 413
    assert consul.get("/v1/catalog/nodes?x=" + "y" * 20_000).status == 414
    assert consul.get("/v1/catalog/node/%07").status == 400


@pytest.mark.parametrize(
    ("params", "headers", "secret"),
    [
        ({"token": ["a"]}, {b"x-consul-token": b"b", b"authorization": b"Bearer c"}, "a"),
        ({}, {b"x-consul-token": b"b", b"authorization": b"Bearer c"}, "b"),
        ({}, {b"authorization": b"bearer c"}, "c"),
        ({}, {b"authorization": b"Basic c"}, ""),
    ],
)
def test_token_is_taken_in_consul_s_order(
    params: dict[str, list[str]], headers: dict[bytes, bytes], secret: str
) -> None:
    assert authorization.secret(params, headers) == secret
