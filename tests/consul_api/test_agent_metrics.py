import re

import pytest

from tests.consul_api.calling import Consul

WEB = {"Node": "node-2", "Address": "10.0.0.2", "Service": {"Service": "web", "Port": 80}}


@pytest.mark.parametrize(
    ("target", "accept"),
    [
        ("/v1/agent/metrics?format=prometheus", "*/*"),
        ("/v1/agent/metrics", "text/plain;version=0.0.4"),
        ("/v1/agent/metrics", "application/openmetrics-text;version=1.0.0"),
    ],
)
def test_prometheus_is_told_in_its_own_words(consul: Consul, target: str, accept: str) -> None:
    consul.put("/v1/catalog/register", WEB)
    reply = consul.get(target, accept=accept)
    assert reply.headers["content-type"].startswith("text/plain; version=")
    found = re.search(r"^tulle_store_group_size_count (\S+)$", reply.text, re.MULTILINE)
    assert found is not None
    assert float(found[1]) >= 1
    assert "tulle_http_blocking_queries 0.0\n" in reply.text


def test_others_are_told_as_consul_tells_it(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    told = consul.get("/v1/agent/metrics").json
    assert list(told) == ["Timestamp", "Gauges", "Points", "Counters", "Samples"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC", told["Timestamp"])
    gauges = {each["Name"]: each for each in told["Gauges"]}
    assert gauges["tulle_http_blocking_queries"] == {
        "Name": "tulle_http_blocking_queries",
        "Value": 0,
        "Labels": {},
    }
    [groups] = [each for each in told["Samples"] if each["Name"] == "tulle_store_group_size"]
    assert (groups["Count"] >= 1, groups["Sum"] >= 1) == (True, True)
    [failures] = [each for each in told["Counters"] if each["Name"] == "tulle_http_failures"]
    assert failures["Sum"] == failures["Count"]
