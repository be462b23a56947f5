import pytest
from hypothesis import given
from msgspec.structs import replace

from dashboard.intentions.draft import (
    Draft,
    FieldProblem,
    HeaderRow,
    PermissionRow,
    SourceRow,
    draft_of,
    entry_of,
    problems,
)
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from tests.intentions.strategies import UNHURRIED, service_intentions

API = ServiceIntentions(
    destination="api",
    intentions=(
        Intention(
            source="web",
            destination="api",
            permissions=(
                Permission(
                    action="deny",
                    http=RequestMatch(
                        path_regex="/v[12]/.*",
                        methods=("GET",),
                        headers=(
                            HeaderMatch(name="x-role", suffix="min", ignore_case=True),
                            HeaderMatch(name="x-debug", present=True, is_inverted=True),
                        ),
                    ),
                ),
            ),
            description="the shop",
            revision=7,
        ),
        Intention(source="*", destination="api", action="deny"),
    ),
    revoked_at=7,
)
DRAFT = Draft(
    destination="api",
    sources=(
        SourceRow(
            name="web",
            by="permissions",
            permissions=(
                PermissionRow(
                    action="deny",
                    path_test="regex",
                    path="/v[12]/.*",
                    methods=("GET",),
                    headers=(
                        HeaderRow(name="x-role", test="suffix", value="min", ignore_case=True),
                        HeaderRow(name="x-debug", test="present", is_inverted=True),
                    ),
                ),
            ),
            description="the shop",
        ),
        SourceRow(name="*", by="deny"),
    ),
    index=9,
    base=API,
)


def test_intentions_are_shown_in_a_form_and_read_from_it() -> None:
    assert draft_of(API, index=9) == DRAFT
    assert entry_of(DRAFT, API) == API


@UNHURRIED
@given(service_intentions())
def test_what_is_valid_is_the_same_after_the_form(entry: ServiceIntentions) -> None:
    draft = draft_of(entry, index=1)
    assert problems(draft) == ()
    assert entry_of(draft, entry) == entry


def test_permissions_are_kept_in_the_form_while_all_requests_are_allowed() -> None:
    web, *rest = DRAFT.sources
    draft = replace(DRAFT, sources=(replace(web, by="allow"), *rest))
    assert entry_of(draft, API).intentions[0] == replace(
        API.intentions[0], action="allow", permissions=()
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        pytest.param(
            SourceRow(name="we*"),
            FieldProblem(
                "sources.0.name", 'a wildcard stands for the whole name, not for a part: "we*"'
            ),
            id="a part of a name",
        ),
        pytest.param(
            SourceRow(name="web", by="permissions"),
            FieldProblem("sources.0.by", "add a permission, or allow or deny all requests"),
            id="no permission",
        ),
        pytest.param(
            SourceRow(name="web", by="permissions", permissions=(PermissionRow(),)),
            FieldProblem(
                "sources.0.permissions.0", "is required, with a path, a header or a method"
            ),
            id="a permission that asks nothing",
        ),
        pytest.param(
            SourceRow(
                name="web", by="permissions", permissions=(PermissionRow(path_test="prefix"),)
            ),
            FieldProblem("sources.0.permissions.0.path", "is required: a path, or choose any path"),
            id="no path where one is compared",
        ),
        pytest.param(
            SourceRow(
                name="web",
                by="permissions",
                permissions=(PermissionRow(path_test="exact", path="v1"),),
            ),
            FieldProblem("sources.0.permissions.0.path", 'must begin with /: "v1"'),
            id="a path that no request has",
        ),
        pytest.param(
            SourceRow(
                name="web",
                by="permissions",
                permissions=(PermissionRow(headers=(HeaderRow(name="x"),)),),
            ),
            FieldProblem("sources.0.permissions.0.headers.0.value", "is required"),
            id="no value to compare a header with",
        ),
        pytest.param(
            SourceRow(
                name="web",
                by="permissions",
                permissions=(PermissionRow(headers=(HeaderRow(name="a b", value="c"),)),),
            ),
            FieldProblem("sources.0.permissions.0.headers.0.name", '"a b" is no header name'),
            id="no name of a header",
        ),
    ],
)
def test_problem_is_told_at_its_field(source: SourceRow, problem: FieldProblem) -> None:
    assert problems(Draft(destination="api", sources=(source,))) == (problem,)


def test_source_that_stands_twice_is_told_at_the_second() -> None:
    draft = Draft(destination="", sources=(SourceRow(name="web"), SourceRow(name="web")))
    assert problems(draft) == (
        FieldProblem("destination", "is required"),
        FieldProblem("sources.1.name", 'stands twice: "web"'),
    )
