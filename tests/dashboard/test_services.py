"""The list of services."""

import csv
import json
from collections.abc import Mapping

from dashboard.services import ServiceRow, services
from dashboard.tables import Listing
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import Dashboard, asking, holder, put
from tests.topology.meshes import allow, deny, http, mesh, service, toward

MESH = mesh(
    service("web", calls=["api"], tags=("v1", "blue"), meta={"team": "shop"}),
    service("web", number=2, status="critical", has_sidecar=False),
    service("api"),
    http("api"),
    service("db", has_sidecar=False, status="warning"),
    toward(allow("web", "api"), deny("*", "db"), allow("api", "db")),
)
ONLY_API = 'service "api" { policy = "read" } node_prefix "" { policy = "read" }'


def listed(
    mesh: Mesh = MESH, *, caller: Caller = ANYBODY, params: Mapping[str, str] | None = None
) -> Listing[ServiceRow]:
    asked = asking(mesh, caller=caller, params=tuple((params or {}).items()))
    found = services(asked).listing
    assert found is not None
    return found


def names(**params: str) -> list[str]:
    return [row.name for row in listed(params=params).rows]


def test_services_are_listed_with_what_is_known_of_them() -> None:
    assert listed().rows[2] == ServiceRow(
        name="web",
        health="critical",
        kind="typical",
        instances=2,
        passing=1,
        warning=0,
        critical=1,
        sidecars=1,
        protocol="tcp",
        group="shop",
        tags=("blue", "v1"),
        meta={"team": "shop"},
        external_source="",
        intentions=1,
    )
    assert [(row.name, row.sidecar_text, row.protocol) for row in listed().rows] == [
        ("api", "all", "http"),
        ("db", "none", "tcp"),
        ("web", "1 of 2", "tcp"),
    ]


def test_services_are_found_by_name_tag_meta_health_and_expression() -> None:
    assert names(q="V1") == ["web"]
    assert names(meta="team=shop") == ["web"]
    assert names(status="warning") == ["db"]
    assert names(sidecar="some") == ["web"]
    assert names(filter='Meta.team == "shop" or Intentions == 2') == ["api", "db", "web"]
    assert names(sort="health") == ["web", "db", "api"]


def test_what_a_token_may_not_read_is_not_listed_and_the_page_says_so() -> None:
    page = services(asking(MESH, caller=holder(ONLY_API)))
    assert page.is_filtered
    assert [row.name for row in listed(caller=holder(ONLY_API)).rows] == ["api"]
    nothing = listed(caller=holder('service "x" { policy = "read" }')).empty
    assert nothing is not None
    assert nothing.title == "No services that you may see"


def test_rows_follow_every_change_that_concerns_them() -> None:
    before = mesh(service("web"), service("api"))
    assert [row.health for row in listed(before).rows] == ["passing", "passing"]
    after = mesh(service("web", status="critical"), service("api"))
    assert [row.health for row in listed(after).rows] == ["passing", "critical"]
    assert [row.health for row in listed(before).rows] == ["passing", "passing"]


def test_page_shows_the_rows_and_gives_them_as_files(dashboard: Dashboard) -> None:
    put(dashboard, service("web", tags=("=1+1",)), service("api"))
    text = dashboard.text("/ui/services?sort=-name")
    assert text.index("web") < text.index("api")
    exported = dashboard.get("/ui/services?format=csv&columns=name,tags")
    assert exported["Content-Disposition"] == 'attachment; filename="services.csv"'
    rows = list(csv.reader(exported.content.decode().splitlines()))
    assert rows == [["name", "tags"], ["api", ""], ["web", "'=1+1"]]
    exported = dashboard.get("/ui/services?format=json&columns=name,health&q=api")
    assert json.loads(exported.content) == [{"name": "api", "health": "passing"}]
    assert dashboard.get("/ui/services?format=pdf").status_code == 400


def test_what_services_write_is_shown_as_text(dashboard: Dashboard) -> None:
    attack = '"><script>alert(1)</script>'
    put(dashboard, service("web", tags=(attack,), meta={attack: attack}))
    html = dashboard.get("/ui/services?columns=name,tags,meta").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_empty_list_says_how_to_begin(dashboard: Dashboard) -> None:
    text = dashboard.text("/ui/services")
    assert "No services yet" in text
    assert "tulle register web.hcl" in text
