"""What a sidecar is started with, asked of a real server."""

import pytest

from meshcore.cli.proxy.finding import find_start
from meshcore.client.http import Client, from_environment
from meshcore.lib.errors import InvalidError
from meshcore.sidecars.bootstrap import Start
from meshcore.sidecars.exporting import Exporting


def registered(**config: object) -> Client:
    """A client with the token of web alone, whose sidecar has this config."""
    client = from_environment()
    sidecar = {"Port": 21000, "Proxy": {"Config": config}}
    body = {"Name": "web", "Port": 8080, "Connect": {"SidecarService": sidecar}}
    client.put("/v1/agent/service/register", body)
    token = client.put("/v1/acl/token", {"ServiceIdentities": [{"ServiceName": "web"}]})
    return from_environment(token=token["SecretID"])


def found(client: Client) -> Start:
    return find_start(client, sidecar_for="web", proxy_id="", grpc_addr="", admin=("::1", 1))


@pytest.mark.usefixtures("tulle")
def test_stats_go_where_all_proxies_are_told_unless_the_sidecar_itself_is_told_otherwise() -> None:
    everywhere = {"envoy_prometheus_bind_addr": "0.0.0.0:9102", "tulle_otlp_collector": "otel"}
    defaults = {"Kind": "proxy-defaults", "Name": "global", "Config": everywhere}
    from_environment().put("/v1/config", defaults)
    own = registered(envoy_prometheus_bind_addr="127.0.0.1:9103")
    assert found(own).exporting == Exporting(
        prometheus=("127.0.0.1", 9103), collector=("otel", 4317)
    )


@pytest.mark.usefixtures("tulle")
def test_an_address_that_is_none_is_said_before_envoy_is_started() -> None:
    with pytest.raises(InvalidError, match='envoy_prometheus_bind_addr: "9102x" is no address'):
        found(registered(envoy_prometheus_bind_addr="9102x"))
