"""Service and check definitions in Consul's files."""

import pytest

from meshcore.agent.documents import Defined, Rules, defined, parsed
from meshcore.lib.errors import InvalidError
from meshcore.registry.types import CheckDefinition, Upstream

RULES = Rules(node="host-1", runs=frozenset(["http", "tcp"]))
WEB = """
node_name = "host-1"
service {
  name = "web"
  port = 8080
  token = "of-web"
  connect { sidecar_service { proxy {
    upstreams { destination_name = "api"  local_bind_port = 5000 }
  } } }
  check { http = "http://localhost:8080/health"  interval = "10s" }
}
services = [{ name = "db", port = 5432, checks = [{ tcp = "localhost:5432", interval = "5s" }] }]
check { id = "disk"  name = "disk space"  ttl = "1m" }
"""


def read(text: str, rules: Rules = RULES) -> Defined:
    return defined(parsed(text, file="web.hcl"), rules)


def test_blocks_and_lists_are_read_as_the_api_reads_its_bodies() -> None:
    found = read(WEB)
    assert list(found.services) == ["web", "db"]
    web = found.services["web"]
    assert web.token == "of-web"
    assert [check.definition for check in web.registration.checks] == [
        CheckDefinition(http="http://localhost:8080/health", interval_s=10)
    ]
    sidecar = web.registration.sidecar
    assert sidecar is not None
    assert sidecar.proxy is not None
    assert sidecar.proxy.upstreams == (Upstream(destination_name="api", local_bind_port=5000),)
    assert found.checks["disk"].check.definition == CheckDefinition(ttl_s=60)


def test_json_is_read_alike() -> None:
    text = '{"service": {"Name": "web", "Port": 80, "Check": {"TTL": "10s"}}}'
    assert list(read(text).services) == ["web"]


def test_what_is_no_block_is_left_to_the_settings() -> None:
    assert parsed(WEB, file="web.hcl").settings == {"node_name": "host-1"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("service {\n name = }", "web.hcl:2:9: a value expected, but here is }"),
        ('{"service": ]', "web.hcl:1:13: bad JSON: Expecting value"),
        ("service {\n port = 80\n}", "web.hcl:1:1: Missing service name"),
        (
            'service {\n name = "web"\n port = "80"\n}',
            "web.hcl:3:2: Expected `int`, got `str`",
        ),
        (
            'service {\n name = "web"\n check {\n  http = "x"\n  timeout = true\n }\n}',
            "web.hcl:5:3: Expected `int | float | str | null`, got `bool`",
        ),
        (
            'service {\n name = "web"\n}\nservice {\n name = "web"\n}',
            'web.hcl:4:1: "web" is defined twice',
        ),
        (
            'service {\n name = "web"\n check {\n  args = ["ls"]\n  interval = "1s"\n }\n}',
            "web.hcl:1:1: Invalid check: script checks are not run here: `tulle agent` runs them"
            " where enable_local_script_checks is set",
        ),
        (
            'service {\n name = "web"\n address = "0.0.0.0"\n}',
            "web.hcl:1:1: Invalid service address",
        ),
        ('service = "web"', "web.hcl:1:1: service has to be a block"),
    ],
)
def test_the_place_of_what_cannot_be_is_told(text: str, problem: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read(text)
    assert str(refused.value) == problem


def test_a_misspelt_field_is_told() -> None:
    assert read('service {\n name = "web"\n prot = 80\n}').warnings == (
        "web.hcl:3:2: prot is no field of service, and not used; did you mean port?",
    )


def test_no_token_is_shown() -> None:
    assert "of-web" not in repr(read(WEB))
