from typing import Any

import pytest

from meshcore.config_entries.problems import DocumentError
from meshcore.intentions.documents import parse, to_document
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)

API: dict[str, Any] = {
    "Kind": "service-intentions",
    "Name": "api",
    "Sources": [
        {
            "Name": "web",
            "Permissions": [
                {
                    "Action": "allow",
                    "HTTP": {
                        "PathPrefix": "/v1",
                        "Methods": ["GET", "PUT"],
                        "Header": [
                            {"Name": "x-role", "Exact": "admin", "IgnoreCase": True},
                            {"Name": "x-debug", "Present": True, "Invert": True},
                        ],
                    },
                }
            ],
            "Precedence": 9,
            "Type": "consul",
            "Description": "the shop",
        },
        {"Name": "*", "Action": "deny", "Precedence": 8, "Type": "consul"},
    ],
    "Meta": {"team": "red"},
}
PARSED = ServiceIntentions(
    destination="api",
    intentions=(
        Intention(
            source="web",
            destination="api",
            permissions=(
                Permission(
                    action="allow",
                    http=RequestMatch(
                        path_prefix="/v1",
                        methods=("GET", "PUT"),
                        headers=(
                            HeaderMatch(name="x-role", exact="admin", ignore_case=True),
                            HeaderMatch(name="x-debug", present=True, is_inverted=True),
                        ),
                    ),
                ),
            ),
            description="the shop",
        ),
        Intention(source="*", destination="api", action="deny"),
    ),
    meta={"team": "red"},
)


def test_document_is_parsed_and_written_back() -> None:
    assert parse(API) == PARSED
    assert to_document(PARSED) == API


def test_sources_come_out_in_the_order_of_their_precedence() -> None:
    assert parse({**API, "Sources": API["Sources"][::-1]}) == PARSED


def test_kubernetes_spelling_and_methods_in_lower_case_are_taken() -> None:
    document = {
        "Name": "api",
        "sources": [
            {
                "name": "web",
                "permissions": [
                    {"action": "allow", "http": {"pathExact": "/", "methods": ["get"]}}
                ],
            }
        ],
    }
    (intention,) = parse(document).intentions
    assert intention.permissions == (
        Permission(action="allow", http=RequestMatch(path_exact="/", methods=("GET",))),
    )


def source(**fields: object) -> dict[str, object]:
    return {"Name": "api", "Sources": [{"Name": "web", **fields}]}


def http(**fields: object) -> dict[str, object]:
    return source(Permissions=[{"Action": "allow", "HTTP": fields}])


HTTP = "Sources[0].Permissions[0].HTTP"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"Name": "api"}, "Sources: at least one source is required"),
        (
            {"Name": "ap*", "Sources": [{"Name": "web", "Action": "allow"}]},
            'Name: a wildcard stands for the whole name, not for a part: "ap*"',
        ),
        (
            {"Name": "a/b", "Sources": [{"Name": "web", "Action": "allow"}]},
            'Name: "a/b" is no name that a service in the mesh can have',
        ),
        (
            {"Name": "api", "Sources": [{"Name": "web", "Action": "allow"}] * 2},
            'Sources[1].Name: stands twice: "web"',
        ),
        (source(), "Sources[0].Action: must be allow or deny, or there are permissions"),
        (source(Action="permit"), 'Sources[0].Action: must be allow or deny, not "permit"'),
        (source(Acton="allow"), "Sources[0].Acton: unknown field; did you mean Action?"),
        (
            source(Action="allow", Permissions=[{"Action": "deny", "HTTP": {"PathExact": "/"}}]),
            "Sources[0].Action: must be omitted when there are permissions",
        ),
        (
            {**http(PathExact="/"), "Name": "*"},
            "Sources[0].Permissions: cannot be used toward the wildcard destination",
        ),
        (
            source(Permissions=[{"Action": "deny"}]),
            f"{HTTP}: is required, with a path, a header or a method",
        ),
        (http(), f"{HTTP}: is required, with a path, a header or a method"),
        (
            source(Permissions=[{"HTTP": {"PathExact": "/"}}]),
            'Sources[0].Permissions[0].Action: must be allow or deny, not ""',
        ),
        (
            http(PathExact="/", PathPrefix="/"),
            f"{HTTP}: only one of PathExact, PathPrefix and PathRegex may be set",
        ),
        (http(PathExact="x"), f'{HTTP}.PathExact: must begin with /: "x"'),
        (http(PathPrefix="x"), f'{HTTP}.PathPrefix: must begin with /: "x"'),
        (
            http(PathPrefix="/a?b"),
            f"{HTTP}.PathPrefix: is compared without the query string: match it by a header :path",
        ),
        (
            http(PathExact="/a/../b"),
            f'{HTTP}.PathExact: would meet no request: Envoy makes it "/b" before it compares',
        ),
        (
            http(PathPrefix="/a%2fb"),
            f"{HTTP}.PathPrefix: would meet no request: the path has an escaped slash (%2F or %5C)",
        ),
        (
            http(PathRegex="/a("),
            f'{HTTP}.PathRegex: bad regular expression "/a(": missing ): /a(',
        ),
        (
            http(PathRegex="x" * 1025),
            f"{HTTP}.PathRegex: regular expression of 1025 characters: 1024 at most",
        ),
        (
            http(PathRegex="\\pL{100}"),
            f'{HTTP}.PathRegex: regular expression "\\pL{{100}}" is too large: '
            "simplify its repetitions",
        ),
        (http(Methods=["GTE"]), f'{HTTP}.Methods[0]: "GTE" is no HTTP method'),
        (http(Methods=["GET", "get"]), f'{HTTP}.Methods[1]: stands twice: "GET"'),
        (
            http(Header=[{"Name": "x"}]),
            f"{HTTP}.Header[0]: exactly one of Present, Exact, Prefix, Suffix, Contains and "
            "Regex must be set, not 0",
        ),
        (
            http(Header=[{"Name": "x", "Present": True, "Exact": "y"}]),
            f"{HTTP}.Header[0]: exactly one of Present, Exact, Prefix, Suffix, Contains and "
            "Regex must be set, not 2",
        ),
        (http(Header=[{"Present": True}]), f"{HTTP}.Header[0].Name: is required"),
        (
            http(Header=[{"Name": "x", "Regex": "y", "IgnoreCase": True}]),
            f"{HTTP}.Header[0].IgnoreCase: is not for Present and Regex: begin the regex with (?i)",
        ),
        (
            source(Action="allow", Type="jwt"),
            'Sources[0].Type: must be consul, not "jwt"',
        ),
        (
            {**source(Action="allow"), "JWT": {"Providers": [{"Name": "okta"}]}},
            "JWT: is not supported: nothing would ask for the token",
        ),
    ],
)
def test_refusal_names_the_field(document: dict[str, object], said: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        parse(document)
    assert str(refusal.value) == said


@pytest.mark.parametrize("path", ["/", "/a.", "/a/.", "/..", "/well-known/", "/a%20b"])
def test_prefix_may_be_the_beginning_of_what_is_no_dot_segment(path: str) -> None:
    (intention,) = parse(http(PathPrefix=path)).intentions
    assert intention.permissions == (
        Permission(action="allow", http=RequestMatch(path_prefix=path)),
    )
