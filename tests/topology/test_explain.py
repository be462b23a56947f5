"""Why a call is decided as it is, and which intention comes nearest to deciding otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.intentions.requests import Unmet
from meshcore.intentions.types import Intention, Permission, Request, RequestMatch
from meshcore.intentions.verdict import verdict
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh
from meshcore.topology.doubts import doubts
from meshcore.topology.explain import Explanation, Nearest, TriedIntention, explain
from meshcore.topology.types import Deciding
from tests.topology.meshes import allow, deny, http, mesh, only_gets, service, toward
from tests.topology.strategies import NAMES, REQUESTS, meshes

HEALTH = Intention(
    source="web",
    destination="api",
    permissions=(
        Permission(action="allow", http=RequestMatch(path_exact="/health", methods=("GET",))),
        Permission(action="deny", http=RequestMatch(path_prefix="/admin")),
    ),
)
GET_USERS = Request(path="/users")


def of(*intentions: Intention, request: Request | None = None, is_http: bool = True) -> Explanation:
    speaking = [http("api")] if is_http else []
    return explain(
        mesh(*speaking, toward(*intentions)), "web", "api", request=request, default_allow=False
    )


def test_an_explanation_says_what_decided_what_was_tried_and_what_was_near() -> None:
    assert of(allow("db", "api"), HEALTH, request=GET_USERS) == Explanation(
        source="web",
        destination="api",
        protocol="http",
        verdict="deny",
        by_default=True,
        reason="no permission of the intention from web to api is about this request: "
        "the default policy is deny",
        intention=Deciding("web", "api", 9),
        permission=None,
        tried=(
            TriedIntention(Deciding("db", "api", 9), None, "it is about calls of db"),
            TriedIntention(Deciding("web", "api", 9), 0, "the path is /users, not /health"),
            TriedIntention(
                Deciding("web", "api", 9), 1, "the path /users does not begin with /admin"
            ),
        ),
        nearest=Nearest(
            intention=Deciding("web", "api", 9),
            permission=0,
            verdict="allow",
            unmet=(Unmet("path", "the path is /users, not /health"),),
            words="permission 1 of the intention from web to api would allow it, "
            "but the path is /users, not /health",
        ),
    )


@pytest.mark.parametrize(
    ("intentions", "request_", "words"),
    [
        pytest.param(
            [allow("db", "api")],
            None,
            "the intention from db to api would allow it, but the source is web, not db",
            id="another source",
        ),
        pytest.param(
            [deny("web", "api"), allow("*", "api")],
            None,
            "the intention from * to api would allow it, "
            "but the intention from web to api is more exact",
            id="a less exact one",
        ),
        pytest.param(
            [HEALTH],
            Request(method="PUT", path="/users"),
            "permission 1 of the intention from web to api would allow it, "
            "but the path is /users, not /health and the method is PUT, not GET",
            id="two fields of the request",
        ),
        pytest.param(
            [HEALTH],
            Request(path="/health"),
            "permission 2 of the intention from web to api would deny it, "
            "but permission 1 stands before it and the path /health does not begin with /admin",
            id="a later permission",
        ),
        pytest.param(
            [deny("web", "api"), only_gets("*", "api")],
            None,
            "the intention from * to api would decide it by the request, "
            "but the intention from web to api is more exact",
            id="one that looks at requests",
        ),
        pytest.param(
            [allow("db", "api"), HEALTH],
            GET_USERS,
            "permission 1 of the intention from web to api would allow it, "
            "but the path is /users, not /health",
            id="of two as near the one about the same caller",
        ),
    ],
)
def test_nearest_is_what_misses_fewest_conditions(
    intentions: list[Intention], request_: Request | None, words: str
) -> None:
    nearest = of(*intentions, request=request_).nearest
    assert nearest is not None
    assert nearest.words == words


def test_permissions_toward_a_service_without_http_are_near_but_for_the_protocol() -> None:
    found = of(HEALTH, is_http=False)
    assert found.verdict == "deny"
    assert found.nearest is not None
    assert found.nearest.unmet == (Unmet("protocol", "api speaks tcp, and permissions need HTTP"),)


def test_another_mesh_s_service_is_another_source() -> None:
    found = of(Intention(source="web", destination="api", source_peer="east", action="allow"))
    assert found.nearest is not None
    assert found.nearest.unmet == (Unmet("source", "it is about calls of web of the peer east"),)


@pytest.mark.parametrize(
    ("intentions", "request_", "verdict"),
    [
        pytest.param([HEALTH], None, "conditional", id="it depends on the request"),
        pytest.param([HEALTH], Request(path="/a%2fb"), "deny", id="Envoy refuses it by itself"),
        pytest.param([allow("web", "api")], None, "allow", id="there is no other intention"),
    ],
)
def test_nothing_is_near_where(
    intentions: list[Intention], request_: Request | None, verdict: str
) -> None:
    found = of(*intentions, request=request_)
    assert (found.verdict, found.nearest) == (verdict, None)


def test_intentions_that_may_not_be_read_are_not_told() -> None:
    found = explain(
        mesh(toward(allow("db", "api"), deny("web", "api"), allow("*", "api"))),
        "web",
        "api",
        request=None,
        default_allow=True,
        may_read=lambda intention: intention.source == "web",
    )
    assert (found.verdict, found.tried, found.nearest) == ("deny", (), None)


@pytest.mark.parametrize(("source", "destination"), [("", "api"), ("web", "*")])
def test_one_asks_about_single_services(source: str, destination: str) -> None:
    with pytest.raises(InvalidError, match="must be the name of one service"):
        explain(Mesh(), source, destination, request=None, default_allow=True)


@given(meshes(), st.sampled_from(NAMES), st.sampled_from(NAMES), REQUESTS, st.booleans())
def test_an_explanation_agrees_with_the_verdict(
    mesh: Mesh,
    source: str,
    destination: str,
    request: Request | None,
    default_allow: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    found = explain(mesh, source, destination, request=request, default_allow=default_allow)
    decided = verdict(
        mesh.intentions.covering(destination),
        source=source,
        destination=destination,
        request=request,
        is_http=mesh.config_entries.speaks_http(destination),
        default_allow=default_allow,
    )
    assert found.reason == decided.reason
    assert found.verdict == "conditional" or (found.verdict == "allow") == decided.allowed
    if found.nearest:
        assert found.nearest.verdict != found.verdict
        assert found.nearest.unmet


def test_doubts_name_who_is_missing_and_what_is_not_enforced() -> None:
    known = mesh(service("api", has_sidecar=False))
    assert [*doubts(known, "web", "api", request=GET_USERS, may_see=lambda _: True)] == [
        "no service is registered as web",
        "api has no sidecar: nothing enforces the intentions to it",
        "api speaks tcp: what is in the request is of no account",
    ]
    caller = mesh(service("web", has_sidecar=False), service("api"), http("api"))
    assert [*doubts(caller, "web", "api", request=GET_USERS, may_see=lambda _: True)] == [
        "web has no sidecar: it does not call through the mesh"
    ]


def test_doubts_tell_nothing_about_who_may_not_be_seen() -> None:
    assert [*doubts(mesh(), "web", "api", request=None, may_see=lambda name: name == "api")] == [
        "no service is registered as api"
    ]
