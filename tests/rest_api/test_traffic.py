"""Traffic in `/api`: on the graph, and as series."""

import time
from typing import Any

import pytest

from meshcore.mesh import watch
from meshcore.rest_api.context import provided
from tests.rest_api.asking import Api
from tests.topology.meshes import allow, service, toward
from tests.traffic.reports import calls, denied, report

SERVICES = (
    service("web", calls=["api"]),
    service("api", calls=["db"]),
    service("db"),
    toward(allow("web", "api")),
)


INTERVAL_S = 5.0  # so that nothing is stale before it is asked for, however slow the machine is


def seen(rate: int, *, source: str, destination: str, after_s: float = 0.0) -> None:
    """Have the destination's proxy report."""
    row = calls(rate * int(INTERVAL_S), source=source, destination=destination)
    said = report(row, service=destination, interval_s=INTERVAL_S)
    provided().traffic.take(said, now_s=time.time() + after_s)


def edge(graph: dict[str, Any], source: str, destination: str) -> dict[str, Any] | None:
    found = (each for each in graph["edges"] if each["source"] == source)
    return next((each for each in found if each["destination"] == destination), None)


def test_edges_and_vertices_have_their_traffic(open_api: Api) -> None:
    open_api.put(*SERVICES)
    open_api.get("/api/graph")  # the first one loads the views, which takes its time
    seen(50, source="web", destination="api", after_s=2.0)  # what was made before is old by then
    graph = open_api.get("/api/graph").json
    web_api = edge(graph, "web", "api")
    assert web_api is not None
    said = {name: web_api[name] for name in ("rate", "error_ratio", "stale", "observed", "health")}
    assert said == {
        "rate": pytest.approx(50.0),
        "error_ratio": 0.0,
        "stale": False,
        "observed": True,
        "health": "passing",
    }
    assert graph["vertices"][0]["rate"] == pytest.approx(50.0)


def test_edges_that_are_only_seen_are_there_for_whoever_may_read_both_ends(api: Api) -> None:
    api.put(*SERVICES)
    seen(50, source="web", destination="db")
    both = api.holding('service "web" { policy = "read" } service "db" { policy = "read" }')
    found = edge(api.get("/api/graph", secret=both).json, "web", "db")
    assert found is not None
    assert (found["declared"], found["observed"]) == (False, True)
    one = api.holding('service "web" { policy = "read" }')
    assert api.get("/api/graph", secret=one).json["edges"] == []


def test_an_answer_is_right_only_until_the_traffic_changes(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    open_api.get("/api/graph")
    open_api.store.wait_from_thread([watch.PLACES], after=index, timeout_s=60)
    tag = open_api.get("/api/graph").headers["ETag"]
    assert open_api.get("/api/graph", If_None_Match=tag).status == 304
    seen(50, source="web", destination="api", after_s=5.0)  # nothing of before is still fresh
    moved = open_api.get("/api/graph", If_None_Match=tag)
    assert moved.status == 200
    assert open_api.get("/api/graph", If_None_Match=moved.headers["ETag"]).status == 304


def test_a_series_has_a_point_for_each_step_that_is_over(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    at_the_end_of_a_step_s = -time.time() % 5
    seen(50, source="web", destination="api", after_s=at_the_end_of_a_step_s - 60.0)
    seen(0, source="web", destination="api")
    for path in ("services/api", "edges?source=web&destination=api"):
        found = open_api.get(f"/api/traffic/{path}").json
        assert (found["index"], found["step_s"], len(found["points"])) == (index, 5, 180)
        known = [point["rate"] for point in found["points"] if point["rate"]]
        assert known == pytest.approx([50.0] * len(known), rel=0.03)
        assert set(found["points"][0]) == {
            *("at", "rate", "error_ratio", "p50_ms", "p95_ms", "p99_ms"),
            *("bytes_per_s", "denied_rate"),
        }


def test_the_traffic_of_an_edge_is_for_whoever_may_read_both_ends(api: Api) -> None:
    api.put(*SERVICES)
    both = api.holding('service "web" { policy = "read" } service "api" { policy = "read" }')
    path = "/api/traffic/edges?source=web&destination=api"
    assert api.get(path, secret=both).status == 200
    for name in ("web", "api"):
        one = api.holding(f'service "{name}" {{ policy = "read" }}')
        assert api.get(path, secret=one).status == 403


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("services/cache", 404, "no service is called cache, and no proxy reports of one"),
        ("edges?source=web", 400, "destination is required: add ?destination=..."),
    ],
)
def test_what_cannot_be_answered_is_said(
    open_api: Api, path: str, status: int, sentence: str
) -> None:
    open_api.put(*SERVICES)
    reply = open_api.get(f"/api/traffic/{path}")
    assert (reply.status, reply.json) == (status, {"error": sentence})


def test_pictures_say_how_much_there_is(open_api: Api) -> None:
    open_api.put(*SERVICES)
    refused = denied(25, destination="api", leaf="web>api@7")
    said = report(calls(225), calls(25, code="503"), refused, interval_s=INTERVAL_S)
    provided().traffic.take(said, now_s=time.time())
    assert b'label="50/s, 10.0% errors, 5/s denied"' in open_api.get("/api/graph?format=dot").body
    assert b"; 50/s, 10.0% errors, 5/s denied" in open_api.get("/api/graph?format=svg").body
