import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

HEADER = "Source  Destination  Action  Precedence  Description\n"


def test_an_intention_is_created_once_and_replaced_on_demand(tulle: Tulle) -> None:
    assert tulle("intention", "create", "web", "api") == ("Created: web => api (allow)\n", "", 0)
    told = "Error: an intention from web to api exists already; add --replace to change it\n"
    assert tulle("intention", "create", "web", "api") == ("", told, 1)
    replaced = tulle("intention", "create", "web", "api", "--deny", "--replace")
    assert replaced == ("Replaced: web => api (deny)\n", "", 0)


def test_list_shows_the_deciding_ones_first(tulle: Tulle) -> None:
    tulle("intention", "create", "*", "api", "--deny", "--description", "nobody [else]")
    tulle("intention", "create", "web", "api")
    rows = (
        "web     api          allow   9\n*       api          deny    8           nobody [else]\n"
    )
    assert tulle("intention", "list") == (HEADER + rows, "", 0)
    assert tulle("intention", "match", "api") == (HEADER + rows, "", 0)
    assert [i["SourceName"] for i in json.loads(tulle("intention", "list", "--json").out)] == [
        "web",
        "*",
    ]


def test_without_intentions_the_default_policy_is_named(tulle: Tulle) -> None:
    told = (
        "No intentions: the default policy decides every call."
        " Try: tulle intention create web api\n"
    )
    assert tulle("intention", "list") == ("", told, 0)
    told = "No intention concerns web as source: the default policy decides.\n"
    assert tulle("intention", "match", "web", "--source") == ("", told, 0)


def test_check_answers_by_its_exit_code_as_well(tulle: Tulle) -> None:
    tulle("intention", "create", "*", "db", "--deny")
    tulle("intention", "create", "api", "db")
    assert tulle("intention", "check", "api", "db") == ("Allowed\n", "", 0)
    assert tulle("intention", "check", "web", "db") == ("Denied\n", "", 2)
    denied = tulle("intention", "check", "web", "db", "--json")
    assert (json.loads(denied.out), denied.code) == ({"Allowed": False}, 2)


def test_get_shows_permissions(tulle: Tulle) -> None:
    Path("api.hcl").write_text("""
        kind = "service-intentions"
        name = "api"
        sources = [{
          name        = "web"
          permissions = [{ action = "deny", http { path_prefix = "/admin" } }]
        }]
    """)
    Path("http.hcl").write_text('kind = "service-defaults" name = "api" protocol = "http"')
    tulle("config", "write", "http.hcl")
    assert tulle("config", "write", "api.hcl").code == 0
    assert tulle("intention", "get", "web", "api").out.splitlines() == [
        "Source:       web",
        "Destination:  api",
        "Action:       1 permission",
        "Precedence:   9",
        '  deny: {"PathPrefix": "/admin"}',
    ]


def test_delete_removes_it_and_says_when_there_was_none(tulle: Tulle) -> None:
    tulle("intention", "create", "web", "api")
    assert tulle("intention", "delete", "web", "api") == ("Deleted: web => api\n", "", 0)
    missing = ("", "Error: no intention from web to api\n", 1)
    assert tulle("intention", "delete", "web", "api") == missing
    assert tulle("intention", "get", "web", "api") == missing


@pytest.mark.parametrize("command", ["create", "delete"])
def test_what_was_written_is_printed_as_json(tulle: Tulle, command: str) -> None:
    if command == "delete":
        tulle("intention", "create", "web", "api")
    printed = json.loads(tulle("intention", command, "web", "api", "--json").out)
    intention = printed["deleted"] if command == "delete" else printed
    assert (intention["SourceName"], intention["Action"]) == ("web", "allow")


def test_a_name_that_cannot_be_is_a_wrong_input(tulle: Tulle) -> None:
    refused = tulle("intention", "create", "w*", "api")
    assert (refused.out, refused.code) == ("", 2)
    assert "a wildcard stands for the whole name" in refused.err
