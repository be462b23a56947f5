import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

API = 'kind = "service-defaults"\nname = "api"\nprotocol = "http"\n'


@pytest.fixture
def file() -> Path:
    return Path("api.hcl")


def test_an_entry_is_written_read_listed_and_deleted(tulle: Tulle, file: Path) -> None:
    file.write_text(API)
    written = ("Config entry written: service-defaults/api\n", "", 0)
    assert tulle("config", "write", "api.hcl") == written
    entry = json.loads(tulle("config", "read", "--kind", "service-defaults", "--name", "api").out)
    assert (entry["Kind"], entry["Name"], entry["Protocol"]) == ("service-defaults", "api", "http")
    index = entry["ModifyIndex"]
    table = f"Kind              Name  ModifyIndex\nservice-defaults  api   {index}\n"
    assert tulle("config", "list") == (table, "", 0)
    assert json.loads(tulle("config", "list", "--kind", "service-defaults", "--json").out) == [
        entry
    ]
    gone = ("Config entry deleted: service-defaults/api\n", "", 0)
    assert tulle("config", "delete", "--kind", "service-defaults", "--name", "api") == gone
    told = 'Error: Config entry not found for "service-defaults" / "api"\n'
    assert tulle("config", "read", "--kind", "service-defaults", "--name", "api") == ("", told, 1)


def test_a_write_can_depend_on_what_is_there(tulle: Tulle, file: Path) -> None:
    file.write_text(API)
    first = json.loads(tulle("config", "write", "api.hcl", "--cas", "--json").out)
    told = "Error: not written: the entry exists already\n"
    assert tulle("config", "write", "api.hcl", "--cas") == ("", told, 1)
    index = first["ModifyIndex"]
    file.write_text(API.replace("http", "grpc"))
    assert tulle("config", "write", "api.hcl", "--cas", "--modify-index", str(index)).code == 0
    told = f"Error: not written: the entry's ModifyIndex is no longer {index}\n"
    assert tulle("config", "write", "api.hcl", "--modify-index", str(index)) == ("", told, 1)
    told = told.replace("written", "deleted")
    words = ("config", "delete", "--kind", "service-defaults", "--name", "api")
    assert tulle(*words, "--modify-index", str(index)) == ("", told, 1)


def test_an_entry_comes_from_standard_input(tulle: Tulle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(API))
    assert tulle("config", "write", "-").out == "Config entry written: service-defaults/api\n"


def test_a_mistake_is_named_with_its_line(tulle: Tulle, file: Path) -> None:
    file.write_text(API.replace("protocol", "protocl"))
    assert tulle("config", "write", "api.hcl") == (
        "",
        "api.hcl: document 1, line 3: protocl: unknown field; did you mean protocol?\n"
        "Error: 1 mistake; nothing was applied\n",
        2,
    )


def test_two_entries_are_one_too_many(tulle: Tulle) -> None:
    Path("two.yaml").write_text(
        "{Kind: service-defaults, Name: api}\n---\n{Kind: service-defaults, Name: db}\n"
    )
    told = "Error: two.yaml holds 2 config entries, not one; tulle apply takes many\n"
    assert tulle("config", "write", "two.yaml") == ("", told, 2)


def test_an_unknown_kind_is_a_wrong_input(tulle: Tulle) -> None:
    told = "Error: invalid config entry kind: services\n"
    assert tulle("config", "list", "--kind", "services") == ("", told, 2)
