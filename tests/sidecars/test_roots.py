"""The file with the roots follows the server's, and stays when there is nothing better."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from meshcore.client.address import address
from meshcore.client.http import Client, UnreachableError
from meshcore.sidecars import roots


@contextmanager
def server(*answers: tuple[int, list[str]]) -> Iterator[tuple[Client, list[str]]]:
    """Answers one request after another with an index and roots; yields what was asked, too."""
    asked: list[str] = []
    coming = iter(answers)

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            index, certificates = next(coming)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Consul-Index", str(index))
            self.end_headers()
            body = {"Roots": [{"RootCert": certificate} for certificate in certificates]}
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Client(address(f"127.0.0.1:{listening.server_port}", default_port=1)), asked
        listening.shutdown()
        thread.join()


def written(file: Path) -> str:
    (secret,) = json.loads(file.read_text())["resources"]
    assert secret["name"] == roots.NAME
    bundle: str = secret["validation_context"]["trusted_ca"]["inline_string"]
    return bundle


def test_other_roots_are_written_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "roots.json"
    with server((7, ["A"]), (9, ["B", "A"])) as (client, asked):
        first = roots.refreshed(client, file, known="A", index=0)
        assert first == ("A", 7)
        assert not file.exists()
        assert roots.refreshed(client, file, known="A", index=7) == ("BA", 9)
    assert (written(file), stat.S_IMODE(file.stat().st_mode)) == ("BA", 0o600)
    assert asked == [f"/v1/connect/ca/roots?index={index}&wait=300s" for index in (0, 7)]


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        pytest.param((3, ["B"]), ("B", 0), id="a server whose index is smaller: begin anew"),
        pytest.param((8, []), ("A", 8), id="a server without roots yet: keep what is there"),
    ],
)
def test_a_server_that_knows_less_is_believed_only_if_it_has_roots(
    tmp_path: Path, answer: tuple[int, list[str]], then: tuple[str, int]
) -> None:
    file = tmp_path / "roots.json"
    roots.write(file, "A")
    with server(answer) as (client, _):
        assert roots.refreshed(client, file, known="A", index=7) == then
    assert written(file) == then[0]


def test_a_server_that_is_away_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "roots.json"
    roots.write(file, "A")
    with server() as (client, _):
        pass
    with pytest.raises(UnreachableError):
        roots.refreshed(client, file, known="A", index=7)
    assert written(file) == "A"
