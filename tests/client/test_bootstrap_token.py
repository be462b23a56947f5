"""Commands beside a server need no token told; nobody else is shown the one that they find."""

from pathlib import Path

import pytest

from meshcore.client.http import from_environment


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    file = tmp_path / "bootstrap-token"
    file.write_text("kept\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("127.0.0.1:8500", "kept"),
        ("http://localhost:8500", "kept"),
        ("https://[::1]:8501", "kept"),
        ("10.0.0.1:8500", ""),
        ("localhost.example.com:8500", ""),
        ("unix:///run/other.sock", ""),
    ],
)
def test_it_is_shown_to_servers_on_this_machine_alone(kept: Path, address: str, token: str) -> None:
    environ = {"TULLE_DATA_DIR": str(kept.parent)}
    assert from_environment(written=address, environ=environ).token == token


def test_any_other_token_comes_first(kept: Path) -> None:
    environ = {"TULLE_DATA_DIR": str(kept.parent)}
    assert from_environment(token="mine", environ=environ).token == "mine"
    assert from_environment(environ=environ | {"CONSUL_HTTP_TOKEN": "given"}).token == "given"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_reach_is_not_used(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    assert from_environment(environ={"TULLE_DATA_DIR": str(kept.parent)}).token == ""


def test_a_link_is_not_followed(kept: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bootstrap-token").symlink_to(kept)
    assert from_environment(environ={"TULLE_DATA_DIR": str(elsewhere)}).token == ""
