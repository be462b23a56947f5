"""`GET /api/explain`: the verdict on a call, for whoever may read the intentions of either end."""

import pytest

from tests.rest_api.asking import Api
from tests.topology.meshes import allow, deny, http, only_gets, service, toward

SERVICES = (
    service("web"),
    service("api", has_sidecar=False),
    http("api"),
    toward(only_gets("web", "api"), deny("*", "api"), allow("db", "api")),
)


def test_an_explanation_has_the_shape_that_scripts_count_on(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    found = open_api.get("/api/explain?source=web&destination=api&method=put&path=/users").json
    assert found == {
        "index": index,
        "source": "web",
        "destination": "api",
        "protocol": "http",
        "verdict": "deny",
        "by_default": True,
        "reason": "no permission of the intention from web to api is about this request: "
        "the default policy is deny",
        "intention": {"source": "web", "destination": "api", "precedence": 9},
        "permission": None,
        "tried": [
            {
                "intention": {"source": "db", "destination": "api", "precedence": 9},
                "permission": None,
                "why": "it is about calls of db",
            },
            {
                "intention": {"source": "web", "destination": "api", "precedence": 9},
                "permission": 0,
                "why": "the method is PUT, not GET",
            },
        ],
        "nearest": {
            "intention": {"source": "web", "destination": "api", "precedence": 9},
            "permission": 0,
            "verdict": "allow",
            "unmet": [{"field": "method", "why": "the method is PUT, not GET"}],
            "words": "permission 1 of the intention from web to api would allow it, "
            "but the method is PUT, not GET",
        },
        "doubts": ["api has no sidecar: nothing enforces the intentions to it"],
    }


def test_without_a_request_it_depends(open_api: Api) -> None:
    open_api.put(*SERVICES)
    found = open_api.get("/api/explain?source=web&destination=api").json
    assert (found["verdict"], found["nearest"]) == ("conditional", None)


def test_headers_are_given_one_by_one(open_api: Api) -> None:
    open_api.put(*SERVICES)
    path = "/api/explain?source=web&destination=api&header=x-role:admin&header=x-role: guest"
    assert open_api.get(path).json["verdict"] == "allow"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("destination=api", "source is required: add ?source=..."),
        ("source=web&destination=*", "destination must be the name of one service"),
        ("source=web&destination=api&header=x", "x is no header: write Name:value"),
    ],
)
def test_a_question_that_is_none_is_refused(open_api: Api, query: str, sentence: str) -> None:
    reply = open_api.get(f"/api/explain?{query}")
    assert (reply.status, reply.json) == (400, {"error": sentence})


@pytest.mark.parametrize(
    ("rules", "status", "tried"),
    [
        pytest.param('service "api" { policy = "read" }', 200, 1, id="of the destination"),
        pytest.param('service "web" { policy = "read" }', 200, 0, id="of the source"),
        pytest.param('service "db" { policy = "write" }', 403, 0, id="of neither"),
    ],
)
def test_whoever_may_read_intentions_may_ask(api: Api, rules: str, status: int, tried: int) -> None:
    """What else is said about the destination is for who may read it there."""
    api.put(*SERVICES)
    reply = api.get("/api/explain?source=web&destination=api", secret=api.holding(rules))
    assert (reply.status, len(reply.json.get("tried", []))) == (status, tried)
