"""The graph page over HTTP: what it draws, and who may move what."""

import json

from meshcore.mesh import watch
from tests.dashboard.asking import Dashboard, put
from tests.topology.meshes import allow, service, toward

MESH = (service("web", calls=["api"]), service("api"), toward(allow("web", "api")))
READS = 'service_prefix "" { policy = "read" }'


def drawn(dashboard: Dashboard) -> dict[str, list[dict[str, object]]]:
    found = json.loads(dashboard.get("/ui/graph/content").content)
    assert isinstance(found, dict)
    return found


def places(dashboard: Dashboard) -> dict[str, tuple[object, object, object]]:
    return {str(v["service"]): (v["x"], v["y"], v["pinned"]) for v in drawn(dashboard)["vertices"]}


def test_the_page_holds_the_element_and_its_content_is_the_graph(dashboard: Dashboard) -> None:
    put(dashboard, *MESH)
    page = dashboard.get("/ui/graph").content.decode()
    assert '<mesh-graph src="/ui/graph/content" panel="/ui/graph/panel"></mesh-graph>' in page
    assert [v["service"] for v in drawn(dashboard)["vertices"]] == ["api", "web"]
    assert [(e["source"], e["destination"], e["verdict"]) for e in drawn(dashboard)["edges"]] == [
        ("web", "api", "allow")
    ]


def test_whoever_looks_first_has_the_layout_kept(dashboard: Dashboard) -> None:
    index = put(dashboard, *MESH).index
    drawn(dashboard)
    mesh = dashboard.store.wait_from_thread([watch.PLACES], after=index, timeout_s=60)
    assert set(mesh.places.by_service) == {"web", "api"}


def test_content_is_compressed_and_not_kept_by_caches(dashboard: Dashboard) -> None:
    put(dashboard, *MESH)
    answer = dashboard.get("/ui/graph/content", accept_encoding="gzip")
    assert (answer["Content-Encoding"], answer["Cache-Control"]) == ("gzip", "no-store")


def test_each_kind_of_panel_can_be_read(dashboard: Dashboard) -> None:
    put(dashboard, *MESH)
    assert "Called by" in dashboard.text("/ui/graph/panel?service=api")
    assert "the intention web → api, precedence 9" in dashboard.text(
        "/ui/graph/panel?source=web&destination=api"
    )
    assert dashboard.get("/ui/graph/panel?service=cache").status_code == 404


def test_a_service_stays_where_it_is_put(dashboard: Dashboard) -> None:
    put(dashboard, *MESH)
    before = places(dashboard)
    answer = dashboard.post("/ui/do/pin", {"service": "web", "x": "70", "y": "-30.5"})
    assert answer.status_code == 204
    assert places(dashboard) == {**before, "web": (70.0, -30.5, True)}
    dashboard.post("/ui/do/unpin", {"service": "web"})
    assert places(dashboard) == {**before, "web": (70.0, -30.5, False)}


def test_a_place_that_is_none_is_refused(dashboard: Dashboard) -> None:
    put(dashboard, *MESH)
    for x in ("left", "nan", "1e12"):
        answer = dashboard.post("/ui/do/pin", {"service": "web", "x": x, "y": "0"})
        assert answer.status_code == 400


def test_who_may_only_read_moves_nothing(guarded: Dashboard) -> None:
    put(guarded, *MESH)
    answer = guarded.holding(READS).post("/ui/do/pin", {"service": "web", "x": "1", "y": "1"})
    assert answer.status_code == 403


def test_without_a_login_there_is_no_content(guarded: Dashboard) -> None:
    answer = guarded.get("/ui/graph/content")
    assert (answer.status_code, answer["Location"]) == (
        303,
        "/ui/login?next=%2Fui%2Fgraph%2Fcontent",
    )


def test_an_empty_mesh_says_what_to_do(dashboard: Dashboard) -> None:
    assert "No services yet" in dashboard.text("/ui/graph")


def test_a_token_that_may_read_nothing_is_told_so(guarded: Dashboard) -> None:
    put(guarded, *MESH)
    said = guarded.holding('key_prefix "" { policy = "read" }').text("/ui/graph")
    assert "Your token may read no service, so none is drawn." in said
