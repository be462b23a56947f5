"""What is wrong whatever the server says, told before it is asked."""

from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("token read", "which token? Say either --accessor-id ID or --self"),
        (f"token read --self --accessor-id {ID}", "which token? Say either --accessor-id"),
        ("token update --accessor-id 1 --var name:web", "--var is for a templated policy"),
        ("token create --node-identity node-1", '"node-1" is no node identity: write it as'),
        ("token create --secret-file none", "none: No such file or directory"),
        ("token create --secret-file empty", "empty is empty"),
        ("token create --secret-file lines", "lines has several lines, and a secret is one"),
        ("bootstrap empty", "empty is empty"),
        ("policy read", "which policy? Say --id ID or --name NAME"),
        ("policy create --name web --rules none.hcl", "none.hcl: No such file or directory"),
        ("role delete", "which role? Say --id ID or --name NAME"),
        ("auth-method create --name jwt --type jwt --config empty", "empty is empty"),
        ("auth-method create --name jwt --type jwt --config {", "--config:1: "),
        ("templated-policy preview --name builtin/node --var node-1", '"node-1" is no variable'),
        (
            "binding-rule create --method jwt --bind-name builtin/service --bind-vars web",
            '"web" is no variable to bind: write it as name=${value.name}',
        ),
    ],
)
def test_wrong_input_is_told_without_a_server(
    run: Tulle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").write_text("\n")
    Path("lines").write_text("hunter2\nhunter3\n")
    printed = run("--http-addr", "127.0.0.1:1", "acl", *words.split())
    assert printed.err.startswith(f"Error: {told}")
    assert (printed.out, printed.code) == ("", 2)
    assert "hunter" not in printed.err
