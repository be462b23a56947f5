"""What the demo's server is told, and how others are told to call it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from meshcore.cli.dev.children import Children
from meshcore.cli.dev.starting import Dev, command, settings
from meshcore.configuration.load import load


def dev(folder: Path, environ: Mapping[str, str] = {}, *, has_demo: bool = True) -> Dev:
    loaded = load({"TULLE_DATA_DIR": str(folder / ".tulle"), **environ})
    return Dev(
        configuration=loaded.configuration,
        given=loaded.given,
        data_dir=loaded.configuration.data_dir,
        has_demo=has_demo,
        console=Console(),
        children=Children(log_dir=folder, tell=lambda _who, _what: None),
    )


def test_the_demo_begins_with_calls_that_are_allowed_unless_its_operator_chose(
    tmp_path: Path,
) -> None:
    allowed = {"TULLE_DEFAULT_INTENTION_POLICY": "allow"}
    assert settings(dev(tmp_path)) == allowed
    assert settings(dev(tmp_path, {"TULLE_DEFAULT_INTENTION_POLICY": "deny"})) == {}
    assert settings(dev(tmp_path, has_demo=False)) == {}
    file = tmp_path / "tulle.toml"
    file.write_text('default_intention_policy = "deny"')
    assert settings(dev(tmp_path, {"TULLE_CONFIG_FILE": str(file)})) == {}


@pytest.mark.parametrize(
    ("environ", "prefix"),
    [
        ({}, ""),
        ({"TULLE_HTTP_PORT": "9500"}, "TULLE_HTTP_ADDR=http://127.0.0.1:9500 "),
        ({"TULLE_CLIENT_ADDR": "::"}, "TULLE_HTTP_ADDR=http://[::1]:8500 "),
    ],
)
def test_commands_to_try_find_server_and_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], prefix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command(dev(tmp_path, environ)).startswith(prefix)
    assert "TULLE_DATA_DIR" not in command(dev(tmp_path, environ))
    elsewhere = dev(tmp_path, environ | {"TULLE_DATA_DIR": str(tmp_path / "my data")})
    assert command(elsewhere).startswith(f"TULLE_DATA_DIR='{tmp_path}/my data' {prefix}")
