"""`GET /api/graph`: the mesh as scripts, pages and pictures want it."""

from xml.etree import ElementTree

import pytest

from meshcore.mesh import watch
from tests.rest_api.asking import Api
from tests.topology.meshes import allow, deny, service, toward

SERVICES = (
    service("web", calls=["api"]),
    service("api", calls=["db"]),
    service("db"),
    toward(allow("web", "api"), deny("*", "*")),
)


def names(graph: dict[str, list[dict[str, str]]]) -> list[str]:
    return [vertex["service"] for vertex in graph["vertices"]]


def test_the_graph_has_the_shape_that_scripts_count_on(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    graph = open_api.get("/api/graph").json
    assert {key: graph[key] for key in ("index", "default_verdict", "groups", "hidden")} == {
        "index": index,
        "default_verdict": "deny",
        "groups": [""],
        "hidden": 0,
    }
    assert graph["vertices"][2] == {
        "service": "web",
        "kind": "typical",
        "is_registered": True,
        "health": "passing",
        "instances": 1,
        "passing": 1,
        "warning": 0,
        "critical": 0,
        "has_sidecar": True,
        "connected": 1,
        "protocol": "tcp",
        "group": "",
        "tags": [],
        "external_source": "",
        "x": 0.0,
        "y": 0.0,
        "pinned": False,
        "health_reason": "all checks are passing",
        "rate": None,
        "error_ratio": None,
        "p50_ms": None,
        "p95_ms": None,
        "p99_ms": None,
        "denied_rate": None,
        "seen_at": None,
        "stale": False,
    }
    assert graph["edges"][0] == {
        "source": "api",
        "destination": "db",
        "verdict": "deny",
        "by_default": False,
        "intention": {"source": "*", "destination": "*", "precedence": 5},
        "reason": "the intention from * to * says deny",
        "declared": True,
        "mtls": True,
        "health": "unknown",
        "health_reason": "nobody reports its traffic",
        "rate": None,
        "error_ratio": None,
        "p50_ms": None,
        "p95_ms": None,
        "p99_ms": None,
        "bytes_per_s": None,
        "denied_rate": None,
        "connections": None,
        "seen_at": None,
        "stale": False,
        "observed": False,
    }


def settled(api: Api) -> None:
    """Have services where they are shown, which is written by the way."""
    api.get("/api/graph", secret=api.management())
    api.store.wait_from_thread([watch.PLACES], after=0, timeout_s=60)


def test_where_services_are_shown_is_kept(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    shown = open_api.get("/api/graph").json["vertices"]
    places = open_api.store.wait_from_thread([watch.PLACES], after=index, timeout_s=60).places
    assert {each["service"]: (each["x"], each["y"]) for each in shown} == {
        name: (record.value.x, record.value.y) for name, record in places.by_service.items()
    }


def test_a_focus_keeps_what_is_some_hops_away(open_api: Api) -> None:
    open_api.put(*SERVICES)
    assert names(open_api.get("/api/graph?focus=web").json) == ["api", "web"]
    assert names(open_api.get("/api/graph?focus=web&hops=2").json) == ["api", "db", "web"]
    assert names(open_api.get("/api/graph?focus=web&hops=0").json) == ["web"]


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("focus=cache", 404, "no service cache is in the graph"),
        ("focus=web&hops=many", 400, "hops must be a number from 0 to 20"),
    ],
)
def test_a_bad_focus_is_refused(open_api: Api, query: str, status: int, sentence: str) -> None:
    open_api.put(*SERVICES)
    reply = open_api.get(f"/api/graph?{query}")
    assert (reply.status, reply.json) == (status, {"error": sentence})
    assert open_api.get(f"/api/graph?{query}&format=svg").json == {"error": sentence}


def test_the_picture_is_svg_in_which_names_are_text(open_api: Api) -> None:
    open_api.put(service('<b>"&', calls=["db"]), service("db"))
    reply = open_api.get("/api/graph?format=svg")
    assert reply.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    texts = [each.text for each in ElementTree.fromstring(reply.body).iter() if each.text]
    assert '<b>"&' in texts
    assert "db" in texts


def test_dot_quotes_names(open_api: Api) -> None:
    open_api.put(service('we"b\\', calls=["db"]))
    reply = open_api.get("/api/graph?format=dot")
    assert reply.headers["Content-Type"] == "text/vnd.graphviz; charset=utf-8"
    assert b'"we\\"b\\\\" -> "db"' in reply.body


def test_who_may_read_one_service_sees_one_and_how_many_are_hidden(api: Api) -> None:
    api.put(*SERVICES)
    secret = api.holding('service "web" { policy = "read" }')
    graph = api.get("/api/graph", secret=secret).json
    assert (names(graph), graph["edges"], graph["hidden"]) == (["web"], [], 2)
    refused = api.get("/api/graph?focus=api", secret=secret)
    assert (refused.status, refused.json) == (404, {"error": "no service api is in the graph"})


def test_an_etag_stands_for_what_its_holder_sees(api: Api) -> None:
    api.put(*SERVICES)
    settled(api)
    secret = api.holding('service "web" { policy = "read" }')
    tag = api.get("/api/graph", secret=secret).headers["ETag"]
    again = api.get("/api/graph", secret=secret, If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    other = api.holding('service "web" { policy = "read" }')
    assert api.get("/api/graph", secret=other, If_None_Match=tag).status == 200
    assert api.get("/api/graph?focus=web", secret=secret, If_None_Match=tag).status == 200
    api.put(service("web", status="critical"))
    assert api.get("/api/graph", secret=secret, If_None_Match=tag).status == 200


def test_an_etag_ends_with_what_its_holder_may_read(api: Api) -> None:
    api.put(*SERVICES)
    settled(api)
    secret = api.management()
    tag = api.get("/api/graph", secret=secret).headers["ETag"]
    api.holding('service "web" { policy = "read" }')  # another policy
    assert api.get("/api/graph", secret=secret, If_None_Match=tag).status == 200


def test_only_version_1_is_answered(open_api: Api) -> None:
    assert open_api.get("/api/graph", Accept="application/json; version=1").status == 200
    refused = open_api.get("/api/graph", Accept="application/json; version=2")
    assert (refused.status, list(refused.json)) == (406, ["error"])


def test_a_browser_is_shown_a_page_without_anything_that_runs(open_api: Api) -> None:
    open_api.put(service("<script>alert(1)</script>"))
    reply = open_api.get("/api/graph", Accept="text/html,*/*;q=0.8")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert b"<script" not in reply.body
    assert b"&lt;script&gt;alert(1)" in reply.body
