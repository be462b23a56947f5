"""Files that come, change, break and go."""

from pathlib import Path

import pytest

from meshcore.agent.documents import Rules
from meshcore.agent.sources import Sources
from meshcore.lib.errors import InvalidError

RULES = Rules(node="host-1", runs=frozenset(["http", "tcp"]))


def write(file: Path, text: str) -> None:
    """As editors do, so that no two writes look the same."""
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)


def names(sources: Sources) -> list[str] | None:
    found = sources.changed(RULES)
    return None if found is None else sorted(found.services)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    write(tmp_path / "web.hcl", 'service { name = "web" }')
    write(tmp_path / "db.json", '{"service": {"name": "db"}}')
    write(tmp_path / "README.md", "not a definition")
    sources = Sources(files=(), folders=(tmp_path,))
    assert sorted(sources.begin(RULES).services) == ["db", "web"]
    return sources


def test_nothing_is_told_while_nothing_changes(sources: Sources) -> None:
    assert names(sources) is None


def test_a_file_that_comes_and_one_that_goes(sources: Sources, tmp_path: Path) -> None:
    write(tmp_path / "api.hcl", 'service { name = "api" }')
    (tmp_path / "db.json").unlink()
    assert names(sources) == ["api", "web"]


def test_a_file_that_breaks_keeps_what_it_defined(
    sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "web.hcl", "service {\n name = }")
    write(tmp_path / "api.hcl", 'service { name = "api" }')
    assert names(sources) == ["api", "db", "web"]
    assert caplog.messages == [
        f"{tmp_path}/web.hcl:2:9: a value expected, but here is }}; what it defined before stays"
    ]
    assert names(sources) is None
    write(tmp_path / "web.hcl", 'service { name = "web-2" }')
    assert names(sources) == ["api", "db", "web-2"]


def test_what_two_files_define_stays_with_the_first(
    sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "zz.hcl", 'service { name = "web"  port = 1 }')
    found = sources.changed(RULES)
    assert found is not None
    assert found.services["web"].registration.instance.port == 0
    assert caplog.messages == [
        f'{tmp_path}/zz.hcl: service "web" is defined in {tmp_path}/web.hcl already'
    ]


def test_a_broken_file_stops_the_start(tmp_path: Path) -> None:
    write(tmp_path / "web.hcl", "service {")
    with pytest.raises(InvalidError, match=r"web\.hcl:1:10: a key expected"):
        list(Sources(files=(), folders=(tmp_path,)).documents())


def test_a_folder_that_cannot_be_read_takes_nothing_away(
    sources: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    tmp_path.rename(away)
    assert names(sources) == ["db", "web"]
    assert names(sources) is None
    assert caplog.messages[0] == f"{tmp_path} cannot be read: No such file or directory"
    away.rename(tmp_path)
    assert names(sources) == ["db", "web"]
