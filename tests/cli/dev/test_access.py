"""Whose tokens `tulle dev --demo` and its sidecars use, against a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcore.cli.dev import access, demo
from meshcore.client.address import address
from meshcore.client.http import Client, Json
from tests.cli.conftest import Server
from tests.server.processes import environment, running

SERVICES = demo.services(offset=0)


@pytest.fixture
def admin(server: Server) -> Iterator[Client]:
    client = Client(address(server.address, default_port=8500), token=server.token)
    before = {token["AccessorID"] for token in client.get("/v1/acl/tokens")}
    yield client
    for token in client.get("/v1/acl/tokens"):
        if token["AccessorID"] not in before:
            client.delete(f"/v1/acl/token/{token['AccessorID']}")


def made_for(server: Server, data_dir: Path) -> dict[str, str]:
    files = access.sidecar_tokens(
        SERVICES, server_url=f"http://{server.address}", token=server.token, data_dir=data_dir
    )
    return {name: file.read_text().strip() for name, file in files.items()}


def own(admin: Client, secret: str) -> Json:
    return admin.using(secret).get("/v1/acl/token/self")


def test_each_sidecar_has_a_token_for_its_own_service_alone(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    found = {name: own(admin, secret) for name, secret in made_for(server, tmp_path).items()}
    assert set(found) == {service.name for service in SERVICES}
    for name, token in found.items():
        assert token["ServiceIdentities"] == [{"ServiceName": name}]
        assert "Policies" not in token


def test_a_second_run_makes_new_tokens_for_those_that_are_gone_and_for_no_others(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    first = made_for(server, tmp_path)
    count = len(admin.get("/v1/acl/tokens"))
    assert made_for(server, tmp_path) == first
    assert len(admin.get("/v1/acl/tokens")) == count
    admin.delete(f"/v1/acl/token/{own(admin, first['frontend'])['AccessorID']}")
    second = made_for(server, tmp_path)
    assert second.pop("frontend") != first.pop("frontend")
    assert second == first
    assert len(admin.get("/v1/acl/tokens")) == count


def test_where_acls_are_off_nobody_has_a_token(tmp_path: Path) -> None:
    environ = environment(tmp_path / "server", ACL_ENABLED="false")
    with running(environ):
        address = f"127.0.0.1:{environ['TULLE_HTTP_PORT']}"
        assert made_for(Server(address, "", ""), tmp_path) == {}


def test_the_shell_s_token_comes_before_the_one_in_the_data_dir(
    server: Server, tmp_path: Path
) -> None:
    data_dir = Path(server.data_dir)
    assert access.own_token({}, data_dir=data_dir) == server.token
    assert access.own_token({"CONSUL_HTTP_TOKEN": "mine"}, data_dir=data_dir) == "mine"
    assert access.own_token({}, data_dir=tmp_path) == ""
