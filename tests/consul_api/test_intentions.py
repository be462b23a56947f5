import pytest

from tests.consul_api.calling import Consul

EXACT = "/v1/connect/intentions/exact"
CHECK = "/v1/connect/intentions/check"


def without_times(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    varying = ("CreatedAt", "UpdatedAt", "Hash")
    return [{k: v for k, v in row.items() if k not in varying} for row in rows]


def shown(source: str, destination: str, *, precedence: int, index: int) -> dict[str, object]:
    return {
        "SourceNS": "default",
        "SourceName": source,
        "DestinationNS": "default",
        "DestinationName": destination,
        "SourceType": "consul",
        "Action": "allow",
        "Precedence": precedence,
        "CreateIndex": index,
        "ModifyIndex": index,
    }


def test_intention_between_two_services_is_put_shown_and_deleted(consul: Consul) -> None:
    target = f"{EXACT}?source=web&destination=default/api"
    assert consul.put(target, {"Action": "allow", "SourceType": "consul"}).body == b"true"
    reply = consul.get(target)
    assert without_times([reply.json]) == [shown("web", "api", precedence=9, index=2)]
    assert consul.ask("DELETE", target).body == b"true"
    assert consul.ask("DELETE", target).body == b"true"
    gone = consul.get(target)
    assert (gone.status, gone.text) == (404, "Intention not found")


def test_intentions_are_listed_and_matched_by_precedence(consul: Consul) -> None:
    for source, destination in (("*", "*"), ("web", "api"), ("*", "api"), ("web", "*")):
        consul.put(f"{EXACT}?source={source}&destination={destination}", {"Action": "allow"})
    web_api = shown("web", "api", precedence=9, index=3)
    web_api["ModifyIndex"] = 4
    any_api = shown("*", "api", precedence=8, index=3)
    any_api["ModifyIndex"] = 4
    web_any = shown("web", "*", precedence=6, index=2)
    any_any = shown("*", "*", precedence=5, index=2)
    web_any["ModifyIndex"] = any_any["ModifyIndex"] = 5
    everything = [web_api, any_api, web_any, any_any]
    assert without_times(consul.get("/v1/connect/intentions").json) == everything
    matched = consul.get("/v1/connect/intentions/match?by=destination&name=api&name=db").json
    assert without_times(matched["api"]) == everything
    assert without_times(matched["db"]) == [web_any, any_any]
    matched = consul.get("/v1/connect/intentions/match?by=source&name=db").json
    assert without_times(matched["db"]) == [any_api, any_any]


def test_check_answers_by_intention_and_else_by_default(consul: Consul) -> None:
    consul.put(f"{EXACT}?source=web&destination=api", {"Action": "deny"})
    assert consul.get(f"{CHECK}?source=web&destination=api").json == {"Allowed": False}
    assert consul.get(f"{CHECK}?source=web&destination=db").json == {"Allowed": True}


def test_permissions_are_for_services_that_speak_http_and_no_answer_without_a_request(
    consul: Consul,
) -> None:
    permissions = [{"Action": "allow", "HTTP": {"PathPrefix": "/", "Methods": ["GET"]}}]
    target = f"{EXACT}?source=web&destination=api"
    assert consul.ask("PUT", target, {"Permissions": permissions}).status == 400
    consul.put("/v1/config", {"Kind": "service-defaults", "Name": "api", "Protocol": "http"})
    consul.put(target, {"Permissions": permissions})
    assert consul.get(target).json["Permissions"] == permissions
    assert consul.get(f"{CHECK}?source=web&destination=api").json == {"Allowed": False}


@pytest.mark.parametrize(
    ("method", "target", "status", "text"),
    [
        ("GET", f"{EXACT}?source=web", 500, "required query parameter 'destination' not set"),
        ("GET", f"{CHECK}?destination=web", 500, "required query parameter 'source' not set"),
        (
            "GET",
            "/v1/connect/intentions/match?name=web",
            500,
            "required query parameter 'by' not set or not source or destination",
        ),
        (
            "GET",
            f"{EXACT}?source=team/web&destination=api",
            400,
            'invalid service name "team/web": namespaces are an Enterprise feature',
        ),
    ],
)
def test_refused_questions(
    consul: Consul, method: str, target: str, status: int, text: str
) -> None:
    reply = consul.ask(method, target)
    assert (reply.status, reply.text) == (status, text)


def test_unknown_field_of_an_intention_is_refused(consul: Consul) -> None:
    reply = consul.ask("PUT", f"{EXACT}?source=web&destination=api", {"Actoin": "allow"})
    assert reply.text == 'Failed to decode request body: unknown field "Actoin"'
