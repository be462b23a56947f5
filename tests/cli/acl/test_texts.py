import io
from pathlib import Path

import pytest

from meshcore.cli.acl.texts import text_of

RULES = 'service "web" { policy = "write" }'


@pytest.mark.parametrize("rules", [RULES, 'acl = "read"', "{}", ""])
def test_rules_may_stand_on_the_command_line(rules: str) -> None:
    assert text_of(rules, what="rules") == (rules, "rules")


@pytest.mark.parametrize("mark", ["", "@"])
def test_rules_may_stand_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("web.hcl").write_text(RULES)
    assert text_of(f"{mark}web.hcl", what="rules") == (RULES, "web.hcl")


def test_rules_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(RULES))
    assert text_of("-", what="rules") == (RULES, "standard input")
