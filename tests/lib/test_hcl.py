import pytest

from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("# a\n// b\n/* c\n */ a = 1", {"a": 1}, id="comments"),
        pytest.param("ports { http = 1 dns = 2 }", {"ports": {"http": 1, "dns": 2}}, id="one line"),
        pytest.param(
            "ports = { http = 1, dns = 2 }", {"ports": {"http": 1, "dns": 2}}, id="object"
        ),
        pytest.param('"a.b" = true', {"a.b": True}, id="quoted key"),
        pytest.param('{"a": [1, null], "b": {}}', {"a": [1, None], "b": {}}, id="JSON"),
        pytest.param(r'{"a": "\ud83d\ude00\/"}', {"a": "😀/"}, id="JSON escapes"),
        pytest.param('a = "x\\"\\n\\u00e9"', {"a": 'x"\né'}, id="escapes"),
        pytest.param('a = "${b("c")}"', {"a": '${b("c")}'}, id="quotes in an interpolation"),
        pytest.param("a = [-5, 1.5e3, 0x1F, 0755, ]", {"a": [-5, 1500.0, 31, 493]}, id="numbers"),
        pytest.param("a = <<E\n  x\n y\nE\nb = 1", {"a": "  x\n y\n", "b": 1}, id="heredoc"),
        pytest.param("a = <<-E\n   x\n  y\n  E\n", {"a": " x\ny\n"}, id="indented heredoc"),
        pytest.param("a = <<E\nE", {"a": ""}, id="empty heredoc"),
        pytest.param(
            'service "web" { policy = "read" } service "" { policy = "deny" }',
            {"service": {"web": {"policy": "read"}, "": {"policy": "deny"}}},
            id="labels",
        ),
        pytest.param(
            'key "a" { policy = "read" }\nkey "a" { policy = "deny" }',
            {"key": {"a": [{"policy": "read"}, {"policy": "deny"}]}},
            id="the same label twice",
        ),
        pytest.param(
            "check { id = 1 } check { id = 2 } check { id = 3 }",
            {"check": [{"id": 1}, {"id": 2}, {"id": 3}]},
            id="the same block again",
        ),
    ],
)
def test_hcl_and_json_become_plain_values(text: str, value: object) -> None:
    assert hcl.parse(text, file="web.hcl") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = ", "web.hcl:2: a value expected, but here is the end of the file"),
        ("a = 1\nb = c", "web.hcl:2: a value expected, but here is c"),
        ("a {\n b = 1\n", "web.hcl:3: a key expected, but here is the end of the file"),
        ("a\n", 'web.hcl:2: "=" or "{" expected, but here is the end of the file'),
        ("}", "web.hcl:1: a key expected, but here is }"),
        ("a = [1 2]", 'web.hcl:1: "," or "]" expected, but here is 2'),
        ("\n\na = 1\na = 2", "web.hcl:4: a stands here again, after line 3"),
        ('a = 1\na "b" {}', "web.hcl:2: a is both a value and a block"),
        ('a = "x\n', "web.hcl:1: a string that does not end on its line"),
        ('a = "\\q"', 'web.hcl:1: "\\q" is no escape in a string'),
        ('a = "\\ud800"', "web.hcl:1: a string with an escape that is no character"),
        ("a = <<E\nx\n", "web.hcl:1: a heredoc whose closing marker is missing"),
        ("a = 1 /*\n", "web.hcl:1: a comment that does not end"),
        ("a = 1\n!", "web.hcl:2: unexpected '!'"),
        ('{"a": 1,\n}', "web.hcl:2: bad JSON: Expecting property name enclosed in double quotes"),
        ("a = " + "[" * 61, "web.hcl:1: nested too deeply"),
        ('{"a": ' + "[" * 100_000, "web.hcl: bad JSON: nested too deeply"),
    ],
)
def test_bad_syntax_is_told_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        hcl.parse(text, file="web.hcl")
    assert str(refusal.value) == message


def test_every_key_has_its_line() -> None:
    text = (
        'Kind = "a"\nSources = [\n  { Name = "web" },\n  {\n    Name = "api"\n  }\n]\nx {\n y = 1 }'
    )
    assert hcl.parse_with_lines(text, file="web.hcl")[1] == {
        ("Kind",): 1,
        ("Sources",): 2,
        ("Sources", 0): 3,
        ("Sources", 0, "Name"): 3,
        ("Sources", 1): 4,
        ("Sources", 1, "Name"): 5,
        ("x",): 8,
        ("x", "y"): 9,
    }


def test_lines_of_a_block_that_stands_twice_carry_its_number() -> None:
    lines = hcl.parse_with_lines("x { y = 1 }\nx { y = 2 }", file="web.hcl")[1]
    assert lines == {("x",): 1, ("x", 0): 1, ("x", 0, "y"): 1, ("x", 1): 2, ("x", 1, "y"): 2}


def test_each_key_has_its_column_too() -> None:
    places = hcl.parse_with_places('a = 1\n  x "y" { z = 2 }', file="web.hcl")[1]
    assert places == {("a",): (1, 1), ("x",): (2, 3), ("x", "y"): (2, 5), ("x", "y", "z"): (2, 11)}
