"""Which token an Envoy is given, against a real server."""

import json
from pathlib import Path
from typing import Any

import pytest

from meshcore.cli.proxy.finding import find_start
from meshcore.client.http import from_environment
from meshcore.lib.errors import NotFoundError
from tests.cli.conftest import Server, Tulle

WEB = {
    "Name": "web",
    "Port": 8080,
    "Connect": {"SidecarService": {"Port": 21000}},
}


@pytest.fixture
def web(tulle: Tulle, server: Server, monkeypatch: pytest.MonkeyPatch) -> Tulle:
    """Commands beside the server, which keep their files in a folder of this test's own."""
    from_environment().put("/v1/agent/service/register", WEB)
    own = Path("data")
    own.mkdir()
    (own / "bootstrap-token").touch(mode=0o600)
    (own / "bootstrap-token").write_text(server.token)
    monkeypatch.setenv("TULLE_DATA_DIR", str(own))
    return tulle


def token_of(printed: str) -> str:
    bootstrap: Any = json.loads(printed)
    (service,) = bootstrap["dynamic_resources"]["ads_config"]["grpc_services"]
    metadata = {each["key"]: each["value"] for each in service["initial_metadata"]}
    return str(metadata["x-consul-token"])


PRINT = ("proxy", "--sidecar-for", "web", "--bootstrap")


def test_beside_the_server_an_envoy_gets_a_token_for_its_own_service_and_keeps_it(
    web: Tulle, server: Server
) -> None:
    token = token_of(web(*PRINT).out)
    own = from_environment(token=token).get("/v1/acl/token/self")
    assert own["ServiceIdentities"] == [{"ServiceName": "web"}]
    assert "Policies" not in own
    assert token_of(web(*PRINT).out) == token
    from_environment().delete(f"/v1/acl/token/{own['AccessorID']}")
    assert token_of(web(*PRINT).out) not in (token, server.token)


def test_a_token_that_somebody_has_chosen_is_the_envoy_s_own(
    web: Tulle, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = from_environment()
    identity = {"ServiceIdentities": [{"ServiceName": "web"}]}
    token = client.put("/v1/acl/token", identity)["SecretID"]
    Path("token").write_text(token)
    count = len(client.get("/v1/acl/tokens"))
    monkeypatch.setenv("TULLE_GRPC_PORT", "18502")  # which such a token may not ask for
    printed = web(*PRINT, "--token-file", "token").out
    assert token_of(printed) == token
    assert '"port_value": 18502' in printed
    assert len(client.get("/v1/acl/tokens")) == count


@pytest.mark.usefixtures("web")
def test_who_may_not_see_the_sidecar_is_told_so_while_it_waits() -> None:
    Path("data/bootstrap-token").unlink()
    told = "no sidecar of the instance web is registered that is to be seen: no token was sent"
    with pytest.raises(NotFoundError, match=told):
        find_start(
            from_environment(), sidecar_for="web", proxy_id="", grpc_addr="", admin=("::1", 1)
        )
