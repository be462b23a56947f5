import pytest

from meshcore.intentions.requests import joined
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    Request,
    RequestMatch,
)
from meshcore.intentions.verdict import Tried, Verdict, verdict

ADMIN = Permission(action="deny", http=RequestMatch(path_prefix="/admin"))
REST = Permission(action="allow", http=RequestMatch(path_prefix="/"))
WEB_TO_API = Intention(source="web", destination="api", permissions=(ADMIN, REST), revision=7)
ANY_TO_API = Intention(source="*", destination="api", action="deny", revision=5)


def ask(
    *intentions: Intention,
    source: str = "web",
    request: Request | None = None,
    is_http: bool = True,
    default_allow: bool = False,
) -> Verdict:
    return verdict(
        intentions,
        source=source,
        destination="api",
        request=request,
        is_http=is_http,
        default_allow=default_allow,
    )


def test_first_permission_that_is_about_the_request_decides() -> None:
    assert ask(WEB_TO_API, ANY_TO_API, request=Request(path="/coffees")) == Verdict(
        allowed=True,
        reason="permission 2 of the intention from web to api says allow",
        leaf="web>api@7#1",
        intention=WEB_TO_API,
        permission=1,
        tried=(Tried(WEB_TO_API, 0, "the path /coffees does not begin with /admin"),),
    )


def test_intention_of_highest_precedence_decides_and_others_are_named() -> None:
    assert ask(ANY_TO_API, WEB_TO_API, source="db", request=Request()) == Verdict(
        allowed=False,
        reason="the intention from * to api says deny",
        leaf="*>api@5",
        intention=ANY_TO_API,
        tried=(Tried(WEB_TO_API, None, "it is about calls of web"),),
    )


@pytest.mark.parametrize("default_allow", [True, False])
def test_request_that_meets_no_permission_is_left_to_the_default_not_to_lower_intentions(
    *,
    default_allow: bool,
) -> None:
    only_admin = Intention(source="web", destination="api", permissions=(ADMIN,), revision=7)
    allow_all = Intention(source="*", destination="api", action="allow")
    word = "allow" if default_allow else "deny"
    assert ask(
        only_admin, allow_all, request=Request(path="/"), default_allow=default_allow
    ) == Verdict(
        allowed=default_allow,
        reason="no permission of the intention from web to api is about this request: "
        f"the default policy is {word}",
        leaf="web>api@7#none",
        intention=only_admin,
        tried=(Tried(only_admin, 0, "the path / does not begin with /admin"),),
        by_default=True,
    )


@pytest.mark.parametrize("default_allow", [True, False])
def test_call_that_nothing_covers_is_left_to_the_default(*, default_allow: bool) -> None:
    word = "allow" if default_allow else "deny"
    assert ask(source="db", request=Request(), default_allow=default_allow) == Verdict(
        allowed=default_allow,
        reason=f"no intention covers the call: the default policy is {word}",
        leaf="default>api",
        by_default=True,
    )


def test_permissions_deny_their_source_when_the_destination_speaks_no_http() -> None:
    found = ask(WEB_TO_API, request=Request(path="/"), is_http=False, default_allow=True)
    assert found == Verdict(
        allowed=False,
        reason="the intention from web to api has permissions, which need HTTP; api is tcp",
        leaf="web>api@7#tcp",
        intention=WEB_TO_API,
    )


def test_permissions_count_as_deny_for_a_connection_without_a_request() -> None:
    assert ask(WEB_TO_API, default_allow=True) == Verdict(
        allowed=False,
        reason="the intention from web to api has permissions, which need a request to decide",
        intention=WEB_TO_API,
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/admin", id="as written"),
        pytest.param("//admin", id="doubled slash (CVE-2024-10005)"),
        pytest.param("/%61dmin", id="escaped letter (CVE-2024-10005)"),
        pytest.param("/x/../admin", id="dot segments (CVE-2019-9901)"),
        pytest.param("/x/%2e%2e/admin", id="escaped dot segments (CVE-2019-9901)"),
        pytest.param("/x/..;a=b/admin", id="parameters of dot segments (CVE-2026-73511)"),
        pytest.param("/x/..\\admin", id="backslash (CVE-2021-39156)"),
        pytest.param("/%2fadmin", id="escaped slash (CVE-2021-29492)"),
        pytest.param("/%5Cadmin", id="escaped backslash (CVE-2021-29492)"),
        pytest.param("/admin#/public", id="fragment (CVE-2021-32779)"),
        pytest.param("/admin?x=/public", id="query string"),
        pytest.param("http://api/admin", id="absolute form"),
    ],
)
def test_denied_path_stays_denied_however_it_is_written(path: str) -> None:
    assert not ask(WEB_TO_API, request=Request(path=path), default_allow=True).allowed


@pytest.mark.parametrize(
    ("match", "path"),
    [
        pytest.param(RequestMatch(path_exact="/public"), "/public/../admin", id="dot segments"),
        pytest.param(RequestMatch(path_regex="/public"), "/public/admin", id="part of a regex"),
        pytest.param(RequestMatch(path_regex="/p.*/x"), "/private?/x", id="regex and the query"),
        pytest.param(RequestMatch(path_prefix="/public/"), "/public%2f../admin", id="escaped"),
        pytest.param(RequestMatch(path_exact="/public"), "/Public", id="other case"),
        pytest.param(RequestMatch(path_regex="/v1\\.0"), "/v1x0", id="dot (CVE-2026-39350)"),
    ],
)
def test_allowed_path_allows_no_other(match: RequestMatch, path: str) -> None:
    only = Intention(
        source="web", destination="api", permissions=(Permission(action="allow", http=match),)
    )
    assert not ask(only, request=Request(path=path)).allowed


def test_refused_path_is_its_own_reason_even_where_all_is_allowed() -> None:
    allow = Intention(source="web", destination="api", action="allow")
    assert ask(allow, request=Request(path="/a%2fb")) == Verdict(
        allowed=False,
        reason="refused before any intention: the path has an escaped slash (%2F or %5C)",
    )


def test_deny_of_one_source_is_no_allow_of_the_others_cve_2021_36213() -> None:
    deny_web = Intention(
        source="web",
        destination="api",
        permissions=(Permission(action="deny", http=RequestMatch(path_prefix="/")),),
    )
    assert not ask(deny_web, source="web", request=Request(), default_allow=True).allowed
    assert not ask(deny_web, source="db", request=Request(), default_allow=False).allowed


ROLE = "x-role"


@pytest.mark.parametrize(
    ("match", "headers", "expected"),
    [
        pytest.param({"exact": "guest"}, [(ROLE, "guest")], True, id="exact"),
        pytest.param({"exact": "guest"}, [("X-Role", " guest ")], True, id="name in any case"),
        pytest.param({"exact": "guest"}, [(ROLE, "Guest")], False, id="value in its case"),
        pytest.param(
            {"exact": "guest", "ignore_case": True},
            [(ROLE, "GuEST")],
            True,
            id="ignore_case (CVE-2024-10006)",
        ),
        pytest.param(
            {"exact": "guest"},
            [(ROLE, "guest"), (ROLE, "guest")],
            False,
            id="sent twice (CVE-2026-26308)",
        ),
        pytest.param(
            {"contains": "guest"},
            [(ROLE, "x"), (ROLE, "guest")],
            True,
            id="contains meets one of several (CVE-2024-10006)",
        ),
        pytest.param({"prefix": "gu"}, [(ROLE, "guest")], True, id="prefix"),
        pytest.param({"suffix": "st"}, [(ROLE, "guest")], True, id="suffix"),
        pytest.param({"regex": "g.*"}, [(ROLE, "guest")], True, id="regex"),
        pytest.param({"regex": "g"}, [(ROLE, "guest")], False, id="regex as a whole"),
        pytest.param({"regex": "G.*", "ignore_case": True}, [(ROLE, "guest")], False, id="no (?i)"),
        pytest.param({"present": True}, [(ROLE, "")], True, id="present but empty"),
        pytest.param({"present": True}, [], False, id="absent"),
        pytest.param({"present": True, "is_inverted": True}, [], True, id="absent, inverted"),
        pytest.param({"exact": "a", "is_inverted": True}, [(ROLE, "b")], True, id="not a"),
        pytest.param({"exact": "a", "is_inverted": True}, [], False, id="not a, but absent"),
    ],
)
def test_header_is_matched_as_envoy_matches_it(
    *, match: dict[str, object], headers: list[tuple[str, str]], expected: bool
) -> None:
    header = HeaderMatch(name="X-Role", **match)  # type: ignore[arg-type]  # a table of fields
    only = Intention(
        source="web",
        destination="api",
        permissions=(Permission(action="allow", http=RequestMatch(headers=(header,))),),
    )
    assert ask(only, request=Request(headers=joined(headers))).allowed is expected


@pytest.mark.parametrize("name", ["Host", ":authority"])
def test_host_is_known_under_both_of_its_names(name: str) -> None:
    header = HeaderMatch(name=name, exact="api")
    only = Intention(
        source="web",
        destination="api",
        permissions=(Permission(action="allow", http=RequestMatch(headers=(header,))),),
    )
    assert ask(only, request=Request(headers={"host": "api"})).allowed
