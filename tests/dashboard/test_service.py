"""The pages of a service, an instance and a node: what they say of a mesh, and to whom."""

import pytest

from dashboard.health_rows import CheckRow, check_rows
from dashboard.instance import instance
from dashboard.node import InstanceRow, SidecarRow, instance_row, node
from dashboard.service import CallRow, IntentionRow, service
from meshcore.lib.errors import DeniedError, NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.registry.heartbeats import Heartbeats, Noted
from meshcore.topology.around import around
from tests.dashboard.asking import NOW, Dashboard, asking, holder
from tests.topology.meshes import NODE, allow, change, deny, mesh, toward
from tests.topology.meshes import service as registered

MESH = mesh(
    registered("web", calls=["api"]),
    registered("api", calls=["db"], status="critical", meta={"team": "shop"}, tags=("v1",)),
    registered("db"),
    toward(allow("web", "api"), deny("*", "db")),
)
ONLY_API = 'service "api" { policy = "read" } node_prefix "" { policy = "read" }'


def of_service(name: str, mesh: Mesh = MESH, **rest: object) -> dict[str, object]:
    request = asking(mesh, arguments={"name": name}, **rest)  # type: ignore[arg-type]
    return dict(service(request).context)


def test_a_service_shows_its_instances_with_their_sidecars() -> None:
    assert of_service("api")["instances"] == [
        InstanceRow(
            service="api",
            id="api-1",
            node="node-1",
            kind="",
            address="10.0.0.1",
            health="critical",
            tags=("v1",),
            sidecar=SidecarRow("api-1-sidecar-proxy", "api-sidecar-proxy", is_connected=False),
        )
    ]


def test_a_service_shows_who_calls_it_and_whom_it_calls_with_the_verdict() -> None:
    context = of_service("api")
    found = around(MESH, "api", default_allow=False)
    assert context["downstreams"] == [
        CallRow(other="web", edge=found.downstreams[0], is_known=True)
    ]
    assert context["upstreams"] == [CallRow(other="db", edge=found.upstreams[0], is_known=True)]
    assert (found.downstreams[0].verdict, found.upstreams[0].verdict) == ("allow", "deny")


def test_what_is_wrong_names_the_checks_that_say_so() -> None:
    row = instance_row(MESH, MESH.registry.instances["node-1", "api-1"].value)
    check = CheckRow(
        id="check-api-1",
        name="alive",
        status="critical",
        type="",
        output="",
        notes="",
        target="",
        is_of_node=False,
        history=(),
    )
    assert of_service("api")["checks"] == [(row, [check])]


def test_a_service_shows_the_intentions_toward_it_by_precedence_and_those_from_it() -> None:
    context = of_service("api")
    assert context["toward"] == [IntentionRow("web", "api", "allow", 0, "", 9)]
    assert context["from"] == []
    assert of_service("web")["from"] == [IntentionRow("web", "api", "allow", 0, "", 9)]


def test_a_service_of_which_nothing_speaks_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="no service is called nope"):
        of_service("nope")


def test_a_service_that_only_an_intention_names_has_a_page() -> None:
    context = of_service("later", mesh(toward(allow("web", "later"))))
    assert context["instances"] == []
    assert context["toward"] == [IntentionRow("web", "later", "allow", 0, "", 9)]


def test_who_may_read_one_service_learns_nothing_of_the_others() -> None:
    request = asking(MESH, arguments={"name": "api"}, caller=holder(ONLY_API))
    page = service(request)
    assert page.is_filtered
    assert (page.context["upstreams"], page.context["downstreams"]) == ([], [])
    with pytest.raises(DeniedError, match="service:read"):
        service(asking(MESH, arguments={"name": "web"}, caller=holder(ONLY_API)))


def test_an_instance_shows_its_checks_and_its_proxy_with_its_upstreams() -> None:
    page = instance(asking(MESH, arguments={"name": "api", "id": "api-1"}))
    assert page.context["health"] == "critical"
    assert [row.id for row in page.context["checks"]] == ["check-api-1"]  # type: ignore[attr-defined]
    assert [row.destination for row in page.context["upstreams"]] == ["db"]  # type: ignore[attr-defined]


def test_checks_show_what_they_say_now_and_what_they_found_before() -> None:
    heard, key = Heartbeats(), ("node-1", "check-api-1")
    heard.outputs[key] = "still starting"
    found = [Noted(NOW, "passing", "well"), Noted(NOW, "critical", "starting")]
    for noted in found:
        heard.note(key, noted)
    (row,) = check_rows([MESH.registry.checks[key]], heard)
    assert (row.output, row.history) == ("still starting", tuple(found[::-1]))


def test_an_instance_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="api has no instance api-2 that you may see"):
        instance(asking(MESH, arguments={"name": "api", "id": "api-2"}))


def test_a_node_shows_the_instances_that_the_token_may_read() -> None:
    page = node(asking(MESH, arguments={"name": "node-1"}, caller=holder(ONLY_API)))
    assert [row.id for row in page.context["instances"]] == ["api-1"]  # type: ignore[attr-defined]
    assert (page.context["hidden"], page.is_filtered) == (5, True)


def test_names_that_services_choose_are_shown_as_text(dashboard: Dashboard) -> None:
    nasty = "<script>alert(1)</script>"
    values = [NODE, *registered("web", meta={"group": nasty}, tags=(nasty,), calls=[nasty])]
    dashboard.write(lambda mesh: [change(value) for value in values])
    html = dashboard.get("/ui/services/web").content.decode()
    assert nasty not in html
    assert html.count("&lt;script&gt;") >= 3
