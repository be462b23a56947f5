"""Where an Envoy's stats go besides the server, from the keys in a proxy's opaque config."""

from typing import Any

import msgspec
import pytest

from meshcore.lib.errors import InvalidError
from meshcore.sidecars.bootstrap import bootstrap
from meshcore.sidecars.exporting import NOTHING, Exporting, exporting
from tests.sidecars.test_bootstrap import START


@pytest.mark.parametrize(
    ("config", "found"),
    [
        pytest.param({}, NOTHING, id="nothing is asked for"),
        pytest.param(
            {"envoy_prometheus_bind_addr": "0.0.0.0:9102"},
            Exporting(prometheus=("0.0.0.0", 9102)),
            id="host and port",
        ),
        pytest.param(
            {"envoy_prometheus_bind_addr": ":9102", "envoy_stats_bind_addr": 9103},
            Exporting(prometheus=("0.0.0.0", 9102), stats=("0.0.0.0", 9103)),
            id="a port alone, as text or number",
        ),
        pytest.param(
            {"envoy_stats_bind_addr": "[::1]:9103"}, Exporting(stats=("::1", 9103)), id="IPv6"
        ),
        pytest.param(
            {"tulle_otlp_collector": "otel.internal"},
            Exporting(collector=("otel.internal", 4317)),
            id="OTLP's own port",
        ),
    ],
)
def test_addresses_are_read(config: dict[str, Any], found: Exporting) -> None:
    assert exporting(config) == found


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"envoy_prometheus_bind_addr": "localhost:9102"}, '"localhost" is a name'),
        ({"envoy_prometheus_bind_addr": "10.0.0.1"}, "write it as host:port"),
        ({"envoy_stats_bind_addr": "10.0.0.1:99999"}, "write it as host:port"),
        ({"envoy_stats_bind_addr": "10.0.0.1:9102/x"}, "write it as host:port"),
        ({"tulle_otlp_collector": "https://otel:4317"}, "without the https://"),
        ({"tulle_otlp_collector": ":4317"}, "names no host"),
    ],
)
def test_what_is_no_address_is_refused_by_the_name_of_its_key(
    config: dict[str, Any], problem: str
) -> None:
    (key,) = config
    with pytest.raises(InvalidError, match=problem) as refused:
        exporting(config)
    assert str(refused.value).startswith(key)


def test_what_scrapes_reaches_one_page_of_the_admin_interface() -> None:
    to = Exporting(prometheus=("0.0.0.0", 9102))
    made = bootstrap(msgspec.structs.replace(START, exporting=to))
    (listener,) = made["static_resources"]["listeners"]
    (found,) = listener["filter_chains"][0]["filters"]
    (host,) = found["typed_config"]["route_config"]["virtual_hosts"]
    assert host["routes"] == [
        {
            "match": {
                "path": "/metrics",
                "headers": [{"name": ":method", "string_match": {"exact": "GET"}}],
            },
            "route": {"cluster": "self_admin", "prefix_rewrite": "/stats/prometheus"},
        }
    ]
    assert listener["address"] == {"socket_address": {"address": "0.0.0.0", "port_value": 9102}}
    clusters = {each["name"]: each["type"] for each in made["static_resources"]["clusters"]}
    assert clusters == {"local_agent": "STATIC", "self_admin": "STATIC"}


def test_a_collector_of_the_operators_own_is_not_told_the_token() -> None:
    to = Exporting(collector=("otel.internal", 4317))
    made = bootstrap(msgspec.structs.replace(START, exporting=to))
    server, collector = (each["typed_config"] for each in made["stats_sinks"])
    assert "secret" in str(server["grpc_service"])
    assert collector["grpc_service"] == {"envoy_grpc": {"cluster_name": "tulle_otlp_collector"}}
    clusters = {each["name"]: each["type"] for each in made["static_resources"]["clusters"]}
    assert clusters == {"local_agent": "STATIC", "tulle_otlp_collector": "STRICT_DNS"}
