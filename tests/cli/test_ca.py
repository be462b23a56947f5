"""`tulle ca` on a server of its own: other tests count the roots."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.certificates.authorities import made
from tests.cli.conftest import Tulle
from tests.server.processes import environment, running

TODAY = datetime.now(UTC)
OWN = made("corporate root", begins=TODAY - timedelta(1), ends=TODAY + timedelta(900))
OTHER = made("other", begins=TODAY - timedelta(1), ends=TODAY + timedelta(900))


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
