"""What is wrong whatever the server says, told before a token is made that would be lost."""

from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

LOGIN = ("--http-addr", "127.0.0.1:1", "login", "--method", "jwt", "--bearer-token-file", "bearer")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bearer").write_text("hunter2\n")
    Path("kept").write_text("kept")
    Path("link").symlink_to("kept")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "where does the token go? Say --token-sink-file FILE or --print"),
        ("--token-sink-file .", ". is no regular file; --print is for standard output"),
        ("--token-sink-file link", "link is no regular file; --print is for standard output"),
        ("--token-sink-file none/token", "none is no folder"),
        ("--print --meta pod", '"pod" is no pair: write it as key=value'),
    ],
)
def test_a_login_whose_token_would_be_lost_is_refused(run: Tulle, words: str, told: str) -> None:
    assert run(*LOGIN, *words.split()) == ("", f"Error: {told}\n", 2)
    assert Path("link").read_text() == "kept"


def test_a_login_needs_no_token_that_is_there(run: Tulle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULLE_HTTP_TOKEN_FILE", "not yet there")
    refused = run(*LOGIN, "--token-sink-file", "token")
    assert (refused.out, refused.code) == ("", 1)
    assert refused.err.startswith("Error: no answer from http://127.0.0.1:1: Connection refused")
    assert not Path("token").exists()


def test_nobody_cannot_log_out(run: Tulle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TULLE_HTTP_TOKEN_FILE", raising=False)
    told = "Error: which token? Name its file by --token-file, or set TULLE_HTTP_TOKEN\n"
    assert run("--http-addr", "127.0.0.1:1", "logout") == ("", told, 2)
