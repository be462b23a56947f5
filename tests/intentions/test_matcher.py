from hypothesis import given
from hypothesis import strategies as st

from meshcore.intentions.leaves import Leaf
from meshcore.intentions.matcher import Branch, BySource, InOrder, Tree, tree
from meshcore.intentions.paths import normalized
from meshcore.intentions.requests import unmet
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    Request,
    RequestMatch,
)
from meshcore.intentions.verdict import verdict

HEALTH = RequestMatch(path_exact="/health", methods=("GET",))
ADMIN = RequestMatch(path_prefix="/admin")


def test_tree_of_the_module_s_example() -> None:
    web = Intention(
        source="web",
        destination="db",
        permissions=(
            Permission(action="allow", http=HEALTH),
            Permission(action="deny", http=ADMIN),
        ),
        revision=7,
    )
    anyone = Intention(source="*", destination="db", action="deny", revision=5)
    never_reached = Intention(source="api", destination="*", action="allow", revision=3)
    found = tree((never_reached, anyone, web), destination="db", is_http=True, default_allow=True)
    assert found == BySource(
        sources={
            "web": InOrder(
                branches=(
                    Branch(HEALTH, Leaf("web>db@7#0", allow=True)),
                    Branch(ADMIN, Leaf("web>db@7#1", allow=False)),
                ),
                otherwise=Leaf("web>db@7#none", allow=True),
            )
        },
        otherwise=Leaf("*>db@5", allow=False),
    )


def test_tree_of_no_intentions_is_the_default() -> None:
    assert tree((), destination="db", is_http=True, default_allow=False) == Leaf(
        "default>db", allow=False
    )


def test_permission_about_any_request_ends_the_list() -> None:
    web = Intention(
        source="*",
        destination="db",
        permissions=(
            Permission(action="allow", http=HEALTH),
            Permission(action="deny"),
            Permission(action="allow", http=ADMIN),
        ),
        revision=2,
    )
    assert tree((web,), destination="db", is_http=True, default_allow=True) == InOrder(
        branches=(Branch(HEALTH, Leaf("*>db@2#0", allow=True)),),
        otherwise=Leaf("*>db@2#1", allow=False),
    )


PATHS = ["/", "/admin", "/admin/x", "/health", "/a.b", "/public"]
WRITTEN = [*PATHS, "//admin", "/x/../admin", "/%61dmin?q", "/health?/admin", "/admin/./x"]
VALUES = ["", "a", "A", "ab", "a,b", "b"]
actions = st.sampled_from(["allow", "deny"])
headers = st.builds(
    HeaderMatch,
    name=st.sampled_from(["x-a", "X-B", ":method"]),
    present=st.booleans(),
    exact=st.sampled_from(VALUES),
    ignore_case=st.booleans(),
    is_inverted=st.booleans(),
) | st.builds(
    HeaderMatch,
    name=st.sampled_from(["x-a", "X-B"]),
    regex=st.sampled_from(["a.*", "[ab]", ""]),
    is_inverted=st.booleans(),
)
matches = st.builds(
    RequestMatch,
    path_exact=st.none() | st.sampled_from(PATHS),
    methods=st.sampled_from([(), ("GET",), ("GET", "POST")]),
    headers=st.lists(headers, max_size=2).map(tuple),
) | st.builds(
    RequestMatch,
    path_prefix=st.none() | st.sampled_from(PATHS),
    path_regex=st.none() | st.sampled_from(["/a.*", ".*", "/[a-h]+"]),
)
permissions = st.builds(Permission, action=actions, http=st.none() | matches)
names = st.sampled_from(["web", "api", "*"])
destinations = st.sampled_from(["db", "*"])
intentions = st.builds(
    Intention,
    source=names,
    destination=destinations,
    action=actions,
    source_peer=st.sampled_from(["", "", "", "east"]),
    revision=st.integers(1, 3),
) | st.builds(
    Intention,
    source=names,
    destination=st.just("db"),
    permissions=st.lists(permissions, min_size=1, max_size=4).map(tuple),
    revision=st.integers(1, 3),
)
distinct = st.lists(
    intentions, max_size=6, unique_by=lambda i: (i.source, i.destination, i.source_peer)
)
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    path=st.sampled_from(WRITTEN),
    headers=st.dictionaries(st.sampled_from(["x-a", "x-b"]), st.sampled_from(VALUES)),
)


def walked(found: Tree, *, source: str, request: Request) -> Leaf:
    if isinstance(found, BySource):
        return walked(found.sources.get(source, found.otherwise), source=source, request=request)
    if isinstance(found, InOrder):
        return next(
            (branch.then for branch in found.branches if not unmet(branch.when, request)),
            found.otherwise,
        )
    return found


@given(
    intentions=distinct,
    source=st.sampled_from(["web", "api", "other"]),
    request=requests,
    is_http=st.booleans(),
    default_allow=st.booleans(),
)
def test_walk_of_the_tree_and_verdict_agree(
    *,
    intentions: list[Intention],
    source: str,
    request: Request,
    is_http: bool,
    default_allow: bool,
) -> None:
    found = tree(intentions, destination="db", is_http=is_http, default_allow=default_allow)
    seen = Request(method=request.method, path=normalized(request.path), headers=request.headers)
    said = verdict(
        intentions,
        source=source,
        destination="db",
        request=request,
        is_http=is_http,
        default_allow=default_allow,
    )
    assert walked(found, source=source, request=seen) == Leaf(said.leaf, said.allowed)
