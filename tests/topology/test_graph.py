"""What the graph says of a mesh, and what of it somebody sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meshcore.intentions.verdict import verdict
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Mesh
from meshcore.registry.types import Check, Instance
from meshcore.topology.graph import drawn as drawing
from meshcore.topology.graph import visible, whole
from meshcore.topology.types import Deciding, Edge, Graph, Vertex
from tests.mesh.strategies import ACTION_STEPS, Step, action
from tests.topology.meshes import (
    allow,
    check,
    deny,
    drawn,
    http,
    only_gets,
    service,
    sidecar,
    toward,
)
from tests.topology.strategies import meshes

WEB = service("web", calls=["api"])
API = service("api", calls=["db"])
DB = service("db")


def of(graph: Graph, name: str) -> Vertex:
    return next(vertex for vertex in graph.vertices if vertex.service == name)


def between(graph: Graph, source: str, destination: str) -> Edge:
    return next(edge for edge in graph.edges if edge.key == (source, destination))


def test_services_are_vertices_and_what_proxies_declare_or_intentions_name_are_edges() -> None:
    graph = drawn(WEB, API, DB, toward(allow("web", "api"), deny("web", "db")))
    up = {"is_registered": True, "health": "passing", "instances": 1, "passing": 1}
    assert graph == Graph(
        index=1,
        default_verdict="deny",
        groups=("",),
        vertices=tuple(
            Vertex(service=name, has_sidecar=True, connected=1, **up)  # type: ignore[arg-type]
            for name in ("api", "db", "web")
        ),
        edges=(
            Edge(
                source="api",
                destination="db",
                verdict="deny",
                by_default=True,
                intention=None,
                reason="no intention covers the call: the default policy is deny",
                declared=True,
                mtls=True,
            ),
            Edge(
                source="web",
                destination="api",
                verdict="allow",
                by_default=False,
                intention=Deciding("web", "api", 9),
                reason="the intention from web to api says allow",
                declared=True,
                mtls=True,
            ),
            Edge(
                source="web",
                destination="db",
                verdict="deny",
                by_default=False,
                intention=Deciding("web", "db", 9),
                reason="the intention from web to db says deny",
                declared=False,
                mtls=True,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("intentions", "verdict", "deciding"),
    [
        pytest.param([], "allow", None, id="the default"),
        pytest.param([deny("*", "*")], "deny", ("*", "*", 5), id="any to any"),
        pytest.param([deny("web", "*"), allow("*", "*")], "deny", ("web", "*", 6), id="from web"),
        pytest.param([allow("*", "api"), deny("web", "*")], "allow", ("*", "api", 8), id="to api"),
        pytest.param([only_gets("web", "api")], "conditional", ("web", "api", 9), id="by request"),
    ],
)
def test_a_declared_edge_is_decided_by_the_most_exact_intention(
    intentions: list[object], verdict: str, deciding: tuple[str, str, int] | None
) -> None:
    graph = drawn(WEB, API, http("api"), toward(*intentions), default_allow=True)  # type: ignore[arg-type]
    edge = between(graph, "web", "api")
    named = edge.intention and (
        edge.intention.source,
        edge.intention.destination,
        edge.intention.precedence,
    )
    assert (edge.verdict, named, edge.by_default) == (verdict, deciding, deciding is None)


def test_permissions_toward_a_service_without_http_deny() -> None:
    edge = between(drawn(WEB, API, toward(only_gets("web", "api"))), "web", "api")
    assert (edge.verdict, edge.reason) == (
        "deny",
        "the intention from web to api has permissions, which need HTTP; api is tcp",
    )


def test_an_intention_with_a_wildcard_is_no_edge_of_its_own() -> None:
    graph = drawn(DB, toward(allow("*", "db"), allow("web", "*")))
    assert graph.edges == ()


def test_who_is_named_but_not_registered_is_a_vertex_of_unknown_health() -> None:
    graph = drawn(service("web", calls=["api"]), toward(allow("batch", "web")))
    assert [of(graph, "api"), of(graph, "batch")] == [
        Vertex(service="api"),
        Vertex(service="batch"),
    ]


def test_upstreams_of_any_instance_count() -> None:
    graph = drawn(service("web", calls=["api"]), service("web", calls=["db"], number=2))
    assert [edge.key for edge in graph.edges] == [("web", "api"), ("web", "db")]


def test_a_prepared_query_is_no_service() -> None:
    asking = sidecar("web", calls=["nearest"])
    assert asking.proxy is not None
    query = replace(asking.proxy.upstreams[0], destination_type="prepared_query")
    asking = replace(asking, proxy=replace(asking.proxy, upstreams=(query,)))
    assert drawn(service("web", has_sidecar=False), [asking]).edges == ()


def test_health_is_that_of_the_worst_instance_with_counts_of_all() -> None:
    graph = drawn(
        service("web"),
        service("web", number=2, status="warning"),
        service("web", number=3, status="critical"),
        service("web", number=4, status="critical"),
    )
    web = of(graph, "web")
    assert (web.health, web.instances) == ("critical", 4)
    assert (web.passing, web.warning, web.critical) == (1, 1, 2)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(
            Check(node="node-1", id="disk", name="disk", status="critical"), id="its node"
        ),
        pytest.param(
            check("web-1-sidecar-proxy", "web-sidecar-proxy", "critical"), id="its sidecar"
        ),
        pytest.param(
            Check(
                node="node-1",
                id="_service_maintenance:web-1",
                name="maintenance",
                status="critical",
                service_id="web-1",
                service="web",
            ),
            id="maintenance",
        ),
    ],
)
def test_an_instance_is_as_sick_as(broken: Check) -> None:
    assert of(drawn(service("web"), [broken]), "web").health == "critical"


def test_mtls_is_missing_where_either_end_has_nothing_that_speaks_it() -> None:
    native = Instance(node="node-1", id="api-1", service="api", is_connect_native=True)
    plain = service("db", has_sidecar=False)
    graph = drawn(service("web", calls=["api", "db"]), [native], plain)
    assert {edge.destination: edge.mtls for edge in graph.edges} == {"api": True, "db": False}
    api = of(graph, "api")
    assert (api.has_sidecar, api.connected) == (False, 1)


def test_gateways_are_vertices_of_their_kind() -> None:
    graph = drawn(service("edge", kind="ingress-gateway", has_sidecar=False))
    assert of(graph, "edge").kind == "ingress-gateway"


@pytest.mark.parametrize(
    ("metas", "group"),
    [
        pytest.param([{"team": "b", "group": "a"}], "a", id="group before team"),
        pytest.param([{"app": "c"}, {"team": "b"}], "b", id="a key of any instance"),
        pytest.param([{"k8s-namespace": "shop"}], "shop", id="a namespace of Kubernetes"),
        pytest.param([{"owner": "me"}], "", id="none of them"),
    ],
)
def test_the_group_is_in_the_meta(metas: list[dict[str, str]], group: str) -> None:
    instances = [service("web", meta=meta, number=n) for n, meta in enumerate(metas)]
    graph = drawn(*instances)
    assert (of(graph, "web").group, graph.groups) == (group, (group,))


def test_protocol_tags_and_external_source_are_told() -> None:
    graph = drawn(
        service("web", tags=("b", "a"), meta={"external-source": "nomad"}),
        service("web", tags=("a", "c"), number=2),
        http("web"),
    )
    web = of(graph, "web")
    assert (web.protocol, web.tags, web.external_source) == ("http", ("a", "b", "c"), "nomad")


def test_who_may_not_be_seen_is_counted_and_named_nowhere() -> None:
    graph = drawn(WEB, API, DB, toward(allow("api", "db"), allow("web", "api")))
    seen = visible(graph, may_see=lambda name: name != "db", may_see_intentions=lambda _: True)
    assert seen.hidden == 1
    assert [vertex.service for vertex in seen.vertices] == ["api", "web"]
    assert [edge.key for edge in seen.edges] == [("web", "api")]
    assert "db" not in repr(seen)


def test_without_the_right_to_its_intentions_an_edge_says_nothing_about_its_verdict() -> None:
    graph = drawn(WEB, API, DB, toward(allow("api", "db"), allow("web", "db"), allow("web", "api")))
    seen = visible(graph, may_see=lambda _: True, may_see_intentions=lambda name: name == "web")
    assert [(edge.key, edge.verdict) for edge in seen.edges] == [
        (("api", "db"), "unknown"),
        (("web", "api"), "allow"),
        (("web", "db"), "allow"),
    ]
    assert between(seen, "api", "db") == Edge(
        source="api",
        destination="db",
        verdict="unknown",
        by_default=False,
        intention=None,
        reason="your token may not read the intentions from api to db",
        declared=True,
        mtls=True,
    )


def test_who_may_see_all_sees_the_whole_graph() -> None:
    graph = drawn(WEB, API, DB)
    assert visible(graph, may_see=lambda _: True, may_see_intentions=lambda _: True) is graph


@given(st.lists(ACTION_STEPS, max_size=8))
def test_a_drawing_that_goes_on_from_a_former_one_is_the_same(writes: list[list[Step]]) -> None:
    mesh, former = Mesh(), None
    for index, steps in enumerate(writes, start=1):
        mesh = apply(mesh, action(steps)(mesh), index=index)
        if not has_named_checks(mesh):
            return
        former = drawing(mesh, default_allow=True, former=former)
        assert former == drawing(mesh, default_allow=True)


def has_named_checks(mesh: Mesh) -> bool:
    """Whether each check has the name of its instance's service, as every action writes it."""
    instances = mesh.registry.instances
    for record in mesh.registry.checks.values():
        owner = instances.get((record.value.node, record.value.service_id))
        if owner is not None and owner.value.service != record.value.service:
            return False
    return True


@given(meshes(), st.booleans())
def test_edges_agree_with_the_verdict_that_envoy_is_given(
    mesh: Mesh,
    default_allow: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    for edge in whole(mesh, default_allow=default_allow).edges:
        is_http = mesh.config_entries.speaks_http(edge.destination)
        found = verdict(
            mesh.intentions.covering(edge.destination),
            source=edge.source,
            destination=edge.destination,
            is_http=is_http,
            default_allow=default_allow,
        )
        is_conditional = is_http and bool(found.intention and found.intention.permissions)
        plain = "allow" if found.allowed else "deny"
        assert edge.verdict == ("conditional" if is_conditional else plain)
        assert (edge.reason, edge.by_default) == (found.reason, found.by_default)
