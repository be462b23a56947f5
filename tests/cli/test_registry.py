import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

WEB = """
service {
  name = "web"
  id   = "web-1"
  port = 8080
  tags = ["v1"]
  connect { sidecar_service {} }
}
"""


def test_without_services_it_says_how_to_get_one(tulle: Tulle) -> None:
    told = "No services are registered. Register one with: tulle register FILE\n"
    assert tulle("services") == ("", told, 0)
    assert tulle("services", "--json") == ("{}\n", "", 0)


def test_a_registered_service_is_there_with_its_sidecar(tulle: Tulle) -> None:
    Path("web.hcl").write_text(WEB)
    assert tulle("register", "web.hcl") == ("Registered service: web\n", "", 0)
    table = "Service            Tags\nweb                v1\nweb-sidecar-proxy  v1\n"
    assert tulle("services") == (table, "", 0)
    assert json.loads(tulle("services", "--json").out) == {
        "web": ["v1"],
        "web-sidecar-proxy": ["v1"],
    }


def test_instances_are_shown_with_address_and_health(tulle: Tulle) -> None:
    definition = {"name": "db", "address": "::1", "port": 5432, "check": {"ttl": "60s"}}
    Path("db.json").write_text(json.dumps({"service": definition}))
    tulle("register", "db.json")
    assert tulle("instances", "db").out.splitlines() == [
        "ID  Node    Address     Health    Failing checks",
        "db  node-1  [::1]:5432  critical  Service 'db' check",
    ]
    told = "No passing instances of db. See what there is with: tulle services\n"
    assert tulle("instances", "db", "--passing") == ("", told, 0)


def test_one_file_defines_several_services(tulle: Tulle) -> None:
    Path("all.json").write_text('{"services": [{"name": "api"}, {"Name": "db"}]}')
    registered = "Registered service: api\nRegistered service: db\n"
    assert tulle("register", "all.json") == (registered, "", 0)


def test_the_body_of_the_api_is_a_definition_and_standard_input_a_file(
    tulle: Tulle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"Name": "api", "Port": 80}'))
    assert json.loads(tulle("register", "-", "--json").out) == {"registered": ["api"]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            "service { port = 80 }",
            "bad.hcl defines no service: it needs service { name = ... } or services = [...],"
            " each with a name",
            id="no name",
        ),
        pytest.param(
            "service {\n name = \n}", "bad.hcl:3: a value expected, but here is }", id="syntax"
        ),
        pytest.param("\n", "bad.hcl is empty", id="empty"),
        pytest.param(
            'service { name = "web" port = "http" }',
            "bad.hcl: service web: Request decode failed: Expected `int`, got `str` - at `$.Port`",
            id="refused by the server",
        ),
    ],
)
def test_a_bad_definition_is_named_with_its_file(tulle: Tulle, content: str, told: str) -> None:
    Path("bad.hcl").write_text(content)
    assert tulle("register", "bad.hcl") == ("", f"Error: {told}\n", 2)


def test_a_file_that_cannot_be_read_is_a_sentence(tulle: Tulle) -> None:
    Path("binary.hcl").write_bytes(b"\xff\xfe")
    assert tulle("register", "binary.hcl") == ("", "Error: binary.hcl: not UTF-8 text\n", 2)
    assert tulle("register", "none.hcl") == ("", "Error: none.hcl: No such file or directory\n", 2)


def test_a_field_that_no_definition_has_is_named_with_its_line(tulle: Tulle) -> None:
    Path("web.hcl").write_text(WEB.replace("port", "prt").replace("{} }", "{\n Proxi {} } }"))
    printed = tulle("register", "web.hcl")
    assert (printed.out, printed.code) == ("Registered service: web\n", 0)
    assert printed.err.splitlines() == [
        "Warning: web.hcl:5: prt is no field of service, and not used; did you mean port?",
        "Warning: web.hcl:8: Proxi is no field of sidecar_service, and not used;"
        " did you mean proxy?",
    ]


def test_deregistering_takes_the_sidecar_along(tulle: Tulle) -> None:
    Path("web.hcl").write_text(WEB)
    tulle("register", "web.hcl")
    assert tulle("deregister", "web-1") == ("Deregistered service: web-1\n", "", 0)
    assert tulle("services", "--json").out == "{}\n"
    refused = tulle("deregister", "web-1")
    assert (refused.out, refused.code) == ("", 1)
    assert refused.err.startswith('Error: Unknown service ID "web-1".')


def test_names_of_any_letters_reach_the_server_whole(tulle: Tulle) -> None:
    Path("odd.json").write_text('{"Name": "api", "ID": "a/b c?é"}')
    tulle("register", "odd.json")
    assert tulle("deregister", "a/b c?é", "--json").code == 0


def test_a_tag_cannot_write_to_the_terminal_of_who_lists_it(tulle: Tulle) -> None:
    Path("web.json").write_text(json.dumps({"Name": "web", "Tags": ["\x1b[2J[red]x"]}))
    tulle("register", "web.json")
    assert tulle("services").out == "Service  Tags\nweb      \N{REPLACEMENT CHARACTER}[2J[red]x\n"
