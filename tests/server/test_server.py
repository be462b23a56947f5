"""The server as a process: what operators see when it starts, stops and is killed."""

import asyncio
import signal
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from tests.server.processes import SERVER, environment, free_port, running

WEB = {"Node": "node-2", "Address": "127.0.0.2", "Service": {"Service": "web", "Port": 80}}


def started_in_vain(environ: dict[str, str]) -> str:
    ended = subprocess.run(
        SERVER, env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    with running(environ) as (process, client):
        assert client.put("/v1/catalog/register", json=WEB).text.strip() == "true"
        roots = client.get("/v1/connect/ca/roots").json()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(environ) as (_, client):
        assert client.get("/v1/catalog/services").json() == {"web": []}
        assert client.get("/v1/connect/ca/roots").json() == roots


def test_a_server_that_is_told_to_stop_does_not_wait_for_blocking_queries(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    address = ("127.0.0.1", int(environ["TULLE_HTTP_PORT"]))
    with running(environ) as (process, client), socket.create_connection(address) as waiting:
        index = client.get("/v1/catalog/services").headers["X-Consul-Index"]
        query = f"GET /v1/catalog/services?index={index}&wait=300s HTTP/1.1\r\nHost: tulle\r\n\r\n"
        waiting.sendall(query.encode())
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_storm_of_handshakes_does_not_end_the_xds_endpoint(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE

    async def connect() -> None:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", int(environ["TULLE_GRPC_PORT"]), ssl=trusting
        )
        writer.close()

    async def storm() -> None:
        for _ in range(5):
            await asyncio.gather(*(connect() for _ in range(100)))

    with running(environ) as (process, client):
        asyncio.run(storm())
        assert client.get("/livez").text == "alive\n"
        assert process.poll() is None


def test_a_setting_that_cannot_work_is_named_with_its_source(tmp_path: Path) -> None:
    told = started_in_vain(environment(tmp_path, HTTP_PORT="eighty", LEAF_CERT_TTL="soon"))
    assert "TULLE_HTTP_PORT" in told
    assert "TULLE_LEAF_CERT_TTL" in told


@pytest.mark.parametrize("name", ["HTTP_PORT", "GRPC_PORT"])
def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = started_in_vain(environment(tmp_path, **{name: port}))
    assert f"127.0.0.1:{port}" in told
    assert f"TULLE_{name}" in told


def test_a_database_that_cannot_be_had_is_a_clear_sentence_without_its_password(
    tmp_path: Path,
) -> None:
    url = f"postgresql://tulle:hunter2@127.0.0.1:{free_port()}/tulle"
    told = started_in_vain(environment(tmp_path, DATABASE_URL=url))
    assert "the database cannot be used" in told
    assert "hunter2" not in told


def test_consuls_own_configuration_starts_it_and_what_is_not_used_is_named_once(
    tmp_path: Path,
) -> None:
    environ = environment(tmp_path)
    http, grpc = environ.pop("TULLE_HTTP_PORT"), environ.pop("TULLE_GRPC_PORT")
    file = tmp_path / "consul.hcl"
    file.write_text(
        f"""
        datacenter = "east"
        ports {{ http = {http}, grpc = {grpc} }}
        retry_join = ["10.0.0.1"]
        """
    )
    environ["TULLE_CONFIG_FILE"] = str(file)
    with running(environ | {"TULLE_HTTP_PORT": http}) as (process, client):
        assert client.get("/v1/agent/self").json()["Config"]["Datacenter"] == "east"
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert process.stderr.read().count("retry_join") == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ACL_ENABLED": "false"}, "ACLs ARE OFF"),
        ({"ACL_DEFAULT_POLICY": "allow"}, "THE DEFAULT POLICY IS ALLOW"),
    ],
)
def test_doors_that_stand_open_are_shouted_about(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    with running(environment(tmp_path, **settings)) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert told in process.stderr.read()


def test_the_first_start_makes_one_token_and_says_where_and_never_which(tmp_path: Path) -> None:
    environ = environment(tmp_path)
    file = tmp_path / "bootstrap-token"
    told = []
    for _ in range(2):
        with running(environ) as (process, client):
            secret = file.read_text().strip()
            own = client.get("/v1/acl/token/self").json()
            assert own["Policies"][0]["Name"] == "global-management"
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            told.append(process.stderr.read())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"it is in {file}" in told[0]
    assert "first management token" not in told[1]
    assert secret not in "".join(told)
