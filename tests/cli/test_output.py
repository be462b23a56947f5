import pytest

from meshcore.cli.output import table


def test_an_id_with_colons_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    table(("ID",), [("b5:cd:16:ab:c1",)], empty="")
    assert "b5:cd:16:ab:c1" in capsys.readouterr().out
