"""The services, a page at a time, and all that is known of one."""

import pytest

from tests.rest_api.asking import Api
from tests.topology.meshes import allow, deny, http, only_gets, service, toward

SERVICES = (
    service("web", calls=["api"], tags=("v1",), status="critical"),
    service("api", calls=["db"], number=1),
    service("api", number=2),
    service("db", status="warning", meta={"group": "data"}),
    http("api"),
    toward(only_gets("web", "api"), allow("api", "db"), deny("*", "*"), allow("batch", "api")),
)


def listed(api: Api, query: str, *, secret: str = "") -> list[str]:
    reply = api.get(f"/api/services?{query}", secret=secret)
    assert reply.status == 200, reply.json
    return [each["service"] for each in reply.json["services"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["api", "db", "web"]),
        ("sort=-service", ["web", "db", "api"]),
        ("sort=health", ["web", "db", "api"]),
        ("sort=-instances", ["api", "web", "db"]),
        ("q=W", ["web"]),
        ("q=V1", ["web"]),
        ('filter=health != "passing"', ["db", "web"]),
        ("filter=group == data or v1 in tags", ["db", "web"]),
    ],
)
def test_services_are_found_and_sorted(open_api: Api, query: str, names: list[str]) -> None:
    open_api.put(*SERVICES)
    assert listed(open_api, query) == names


@pytest.mark.parametrize("sort", ["service", "-service", "health", "-instances"])
def test_pages_make_up_the_list_although_services_come_meanwhile(open_api: Api, sort: str) -> None:
    open_api.put(*SERVICES)
    whole = listed(open_api, f"sort={sort}")
    found, cursor = [], ""
    while True:
        part = open_api.get(f"/api/services?sort={sort}&limit=1&cursor={cursor}").json
        found += [each["service"] for each in part["services"] if each["service"] in whole]
        open_api.put(service("aaa"), service("zzz"))
        if part["next"] is None:
            break
        cursor = part["next"]
    assert found == whole


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sort=colour", "sort must be one of group, health, instances, kind, protocol, service"),
        ("limit=0", "limit must be a number from 1 to 1000"),
        ("limit=1001", "limit must be a number from 1 to 1000"),
        ("cursor=x", "cursor is not one of this list: begin again without it"),
        ("sort=instances&cursor=WyJhIiwiYSJd", "cursor is not one of this list"),
        ("filter=colour == red", 'Selector "colour" is not valid'),
    ],
)
def test_what_cannot_be_listed_is_refused(open_api: Api, query: str, sentence: str) -> None:
    open_api.put(*SERVICES)
    reply = open_api.get(f"/api/services?{query}")
    assert reply.status == 400
    assert reply.json["error"].startswith(sentence)


def test_a_list_is_of_what_may_be_read(api: Api) -> None:
    api.put(*SERVICES)
    secret = api.holding('service_prefix "w" { policy = "read" }')
    reply = api.get("/api/services", secret=secret).json
    assert [each["service"] for each in reply["services"]] == ["web"]
    assert reply["hidden"] == 3  # api, db and batch, which an intention names


def test_a_service_is_told_with_all_that_concerns_it(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    found = open_api.get("/api/services/api").json
    assert found["index"] == index
    assert found["service"]["instances"] == 2
    assert [(each["id"], each["sidecar"]) for each in found["instances"]] == [
        ("api-1", "api-1-sidecar-proxy"),
        ("api-2", "api-2-sidecar-proxy"),
    ]
    assert found["instances"][0]["checks"] == [
        {"id": "check-api-1", "name": "alive", "status": "passing", "output": ""}
    ]
    assert found["instances"][0]["address"] == "10.0.0.1"
    assert [each["destination"] for each in found["upstreams"]] == ["db"]
    assert [each["source"] for each in found["downstreams"]] == ["batch", "web"]
    assert [
        (each["source"], each["destination"], each["precedence"])
        for each in found["intentions_toward"]
    ] == [("web", "api", 9), ("batch", "api", 9), ("*", "*", 5)]
    assert found["intentions_toward"][0]["permissions"] == [
        {"action": "allow", "http": {"methods": ["GET"]}}
    ]
    assert [each["destination"] for each in found["intentions_from"]] == ["db"]
    assert found["config_entries"] == [
        {"Kind": "service-defaults", "Name": "api", "Protocol": "http"}
    ]
    assert found["hidden"] == 0


def test_of_a_service_only_what_may_be_read_is_told(api: Api) -> None:
    api.put(*SERVICES)
    secret = api.holding('service "api" { policy = "read", intentions = "deny" }')
    found = api.get("/api/services/api", secret=secret).json
    assert found["instances"] == []  # their nodes may not be read
    assert (found["upstreams"], found["downstreams"]) == ([], [])
    assert (found["intentions_toward"], found["intentions_from"]) == ([], [])
    assert found["hidden"] == 5


def test_nothing_is_told_of_a_service_that_nobody_speaks_of(open_api: Api) -> None:
    reply = open_api.get("/api/services/cache")
    assert (reply.status, reply.json) == (
        404,
        {"error": "no service is called cache, and nothing speaks of one"},
    )


def test_the_matrix_says_of_classes_who_may_call_whom(open_api: Api) -> None:
    open_api.put(*SERVICES)
    found = open_api.get("/api/intentions/matrix").json
    sources = [each["services"] for each in found["sources"]]
    destinations = [each["services"] for each in found["destinations"]]
    assert sources == [["api"], ["batch"], ["web"], ["db"]]
    assert destinations == [["api"], ["batch", "web"], ["db"]]
    assert {
        (sources[each["source"]][0], destinations[each["destination"]][0]): each["outcome"][
            "verdict"
        ]
        for each in found["cells"]
    } == {("web", "api"): "conditional", ("batch", "api"): "allow", ("api", "db"): "allow"}
    assert found["otherwise"]["tcp"] == {
        "verdict": "deny",
        "by_default": False,
        "reason": "the intention from * to * says deny",
        "intention": {"source": "*", "destination": "*", "precedence": 5},
    }
