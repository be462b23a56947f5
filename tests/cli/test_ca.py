"""`tulle ca` on a server of its own: other tests count the roots."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.certificates.authorities import made
from tests.cli.conftest import Tulle
from tests.server.processes import environment, running

TODAY = datetime.now(UTC)
OWN = made("corporate root", begins=TODAY - timedelta(1), ends=TODAY + timedelta(900))
OTHER = made("other", begins=TODAY - timedelta(1), ends=TODAY + timedelta(900))


@contextmanager
def answering_once(body: object) -> Iterator[str]:
    """A server of which one thing is asked; return its address."""
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(head.encode() + b"\r\n" + text)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-03-01T12:00:00Z", "since 2026-03-01 12:00:00 certificates cannot be looked after"),
        (None, "Warning: certificates cannot be looked after"),
    ],
)
def test_what_keeps_a_rotation_from_its_end_is_told(
    run: Tulle, since: str | None, said: str
) -> None:
    validity = {"not_after": "2036-03-01T12:00:00Z", "warning": "Its successor is late."}
    root = {"state": "active", "name": "Tulle CA", "id": "aa:bb", "validity": validity}
    answer = {
        "roots": [root | {"next_at": "2035-03-01T12:00:00Z"}],
        "trouble": {"since": since, "text": "the root key is away"},
    }
    with answering_once(answer) as address:
        printed = run("ca", "roots", "--http-addr", address)
    assert printed.code == 0
    assert "active  Tulle CA  aa:bb  is succeeded 2035-03-01" in printed.out
    assert "Warning: Tulle CA aabb: Its successor is late." in printed.err
    assert f"{said}: the root key is away" in printed.err


def test_roots_are_changed_once_at_a_time_and_all_of_it_is_told(
    run: Tulle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = environment(tmp_path)
    monkeypatch.setenv("TULLE_HTTP_ADDR", f"127.0.0.1:{environ['TULLE_HTTP_PORT']}")
    monkeypatch.setenv("TULLE_DATA_DIR", environ["TULLE_DATA_DIR"])
    certificate, key, wrong = (tmp_path / name for name in ("ca.pem", "ca.key", "wrong.key"))
    certificate.write_text(OWN.pem)
    key.write_text(OWN.key_pem)
    wrong.write_text(OTHER.key_pem)
    with running(environ):
        own = ("ca", "rotate", "--root-cert", str(certificate), "--private-key")
        refused = run(*own, str(wrong))
        assert refused.code == 2
        assert "the private key does not belong to CN=corporate root" in refused.err
        refused = run(*own, str(tmp_path / "gone"))
        assert "gone cannot be read" in refused.err
        told = "A new root is prepared. It signs as soon as every proxy has heard of it\n"
        assert run(*own, str(key), "--reason", "our own") == (told, "", 0)
        refused = run("ca", "rotate")
        assert refused.code == 1
        assert "is prepared already" in refused.err

        header, *rows = run("ca", "roots").out.splitlines()
        assert header.split() == ["State", "Name", "ID", "Next", "Expires"]
        assert sorted(row.split()[0] for row in rows) == ["active", "prepared"]
        assert any("Given CA Root Cert" in row and "signs from" in row for row in rows)

        out = run("ca", "timeline").out
        assert "our own" in out
        assert "is to sign, from when every verifier has heard of it" in out
        timeline = json.loads(run("ca", "timeline", "--json").out)
        assert [each["what"] for each in timeline["coming"]] == ["active"]

        nothing = "No certificate of a service yet: one is issued when its first proxy connects.\n"
        assert run("ca", "leafs") == ("", nothing, 0)
        assert json.loads(run("ca", "leafs", "--json").out) == []
        kinds = [row["kind"] for row in json.loads(run("ca", "leafs", "--issued", "--json").out)]
        assert sorted(kinds) in (["root", "server", "voucher"], ["root", "voucher"])
        assert "voucher" in run("ca", "leafs", "--issued").out
