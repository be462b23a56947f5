"""What holds for every command: where the server is, exit codes, and never a traceback."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcore.cli.connection import server_options_first
from tests.cli.conftest import Server, Tulle

PROGRAM = (sys.executable, "-c", "from meshcore.cli.main import main; main()")


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("services", "services"),
        ("services --http-addr a:1 --json", "--http-addr a:1 services --json"),
        ("services -http-addr=a:1", "--http-addr=a:1 services"),
        ("ca roots -token-file t", "--token-file t ca roots"),
        ("services --http-addr", "--http-addr"),
        ("proxy --proxy-id p -- --http-addr a", "proxy --proxy-id p -- --http-addr a"),
    ],
)
def test_where_the_server_is_may_be_said_after_the_command(typed: str, understood: str) -> None:
    assert server_options_first(typed.split()) == understood.split()


def test_the_server_is_found_by_options_and_variables(
    run: Tulle, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(f"{server.token}\n")
    options = ("--http-addr", server.address, "--token-file", str(token_file))
    found = run("services", "--json", *options)
    assert found == ("{}\n", "", 0)
    monkeypatch.setenv("TULLE_DATA_DIR", server.data_dir)
    monkeypatch.setenv("TULLE_HTTP_ADDR", "127.0.0.1:1")
    assert run("--http-addr", f"http://{server.address}", "services", "--json") == found
    monkeypatch.setenv("CONSUL_HTTP_ADDR", server.address)
    assert run("services").code == 1
    monkeypatch.delenv("TULLE_HTTP_ADDR")
    assert run("services", "--json") == found
    monkeypatch.delenv("CONSUL_HTTP_ADDR")
    monkeypatch.setenv("TULLE_HTTP_PORT", server.address.partition(":")[2])
    assert run("services", "--json") == found


def test_who_sends_no_token_is_told_what_is_missing_and_the_way_in(
    run: Tulle, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TULLE_HTTP_ADDR", server.address)
    listed = run("services", "--json")
    assert (listed.out, listed.code) == ("{}\n", 0)
    assert listed.err.startswith("Warning: no token was sent, so what needs one is left out;")
    refused = run("acl", "token", "list")
    assert (refused.out, refused.code) == ("", 1)
    assert "anonymous token lacks permission 'acl:read'" in refused.err
    for told in (listed.err, refused.err):
        assert "--token-file FILE or TULLE_HTTP_TOKEN" in told
        assert "TULLE_DATA_DIR" in told


def test_a_token_that_is_none_any_more_is_named_by_where_it_is_from(
    run: Tulle, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "hunter2")
    refused = run("--http-addr", server.address, "services")
    assert refused == (
        "",
        "Error: ACL not found\nThe token is from CONSUL_HTTP_TOKEN: it was revoked, its time is"
        " over, or it is another server's\n",
        1,
    )


def test_no_server_is_said_with_the_address_and_without_the_token(
    run: Tulle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TULLE_HTTP_TOKEN", "hunter2")
    told = (
        "Error: no answer from http://127.0.0.1:1: Connection refused; is the server running"
        " (tulle server), and does TULLE_HTTP_ADDR name it?\n"
    )
    for command in (["services"], ["intention", "list"], ["config", "list"], ["ca", "roots"]):
        assert run("--http-addr", "127.0.0.1:1", *command) == ("", told, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("services --http-addr ftp://web", '"ftp://web" is no address'),
        ("services --http-addr web:http", '"web:http" is no address'),
        ("services --http-addr", "requires an argument"),
        ("services --token-file none", "cannot read the token file none: No such file"),
        ("apply", "which files? tulle apply -f PATH..."),
        ("register none.hcl", "none.hcl: No such file or directory"),
        ("proxy", "say whose sidecar to run"),
        ("proxy --sidecar-for web --admin-bind here:now", '"here:now" is no address'),
        ("server --config-file none", "File 'none' does not exist"),
        ("servics", "Did you mean 'services'"),
        ("intention check web", "Missing argument"),
    ],
)
def test_wrong_input_ends_with_2(run: Tulle, words: str, told: str) -> None:
    printed = run(*words.split())
    assert told in " ".join(re.sub("[│╭╮╰╯─]", " ", printed.err).split())
    assert (printed.out, printed.code) == ("", 2)


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[str]:
    """Something on a port that answers one request with the bytes of the parameter."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(request.param)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("answering", "told"),
    [
        (
            b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\n\r\nthe disk is full",
            "the disk is full",
        ),
        (
            b"HTTP/1.1 502 No\r\nContent-Type: text/html\r\n\r\n<h1>",
            "answered with HTTP status 502",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n<h1>Welcome</h1>", "its answer is not JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "broke off"),
        (b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP"),
        (b"", "closed connection without response"),
    ],
    indirect=["answering"],
)
def test_whatever_answers_there_the_end_is_a_sentence(
    run: Tulle, answering: str, told: str
) -> None:
    printed = run("services", "--http-addr", answering)
    assert (printed.out, printed.code) == ("", 1)
    assert printed.err.startswith("Error: ")
    assert told in printed.err


def test_ca_roots_are_listed(tulle: Tulle) -> None:
    root = json.loads(tulle("ca", "roots", "--json").out)["Roots"][0]
    header, row = tulle("ca", "roots").out.splitlines()
    assert header.split() == ["State", "Name", "ID", "Next", "Expires"]
    days = r"is succeeded \S+  \S+ \(in \d+ days\)"
    assert re.fullmatch(rf"active  {root['Name']}  {root['ID']}  {days}", row)


def test_version_and_help_need_no_server(run: Tulle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULLE_HTTP_ADDR", "no address at all")
    assert run("--version").out.startswith("Tulle ")
    for words in ("--help", "services -h", "intention create --help", "proxy --help"):
        assert run(*words.split()).code == 0


def test_a_reader_that_goes_away_ends_it_quietly(server: Server) -> None:
    """`tulle services | head -0`."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [*PROGRAM, "services", "--json", "--http-addr", server.address],
        env=os.environ | {"TULLE_DATA_DIR": server.data_dir},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert ended.stderr == b""


def test_commands_load_neither_django_nor_what_starts_slowly() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, meshcore.cli.main; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"django", "grpc", "redis", "pydantic", "cryptography", "httpx"} & set(
        loaded.stdout.split()
    ) == set()
