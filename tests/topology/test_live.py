"""The graph with traffic on it."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import asdict, replace

from meshcore.mesh.types import Value
from meshcore.topology.graph import drawn, visible
from meshcore.topology.live import Seen, live
from meshcore.topology.types import Deciding, Graph, LiveEdge, LiveGraph
from meshcore.traffic.types import EdgeTraffic
from tests.topology.meshes import allow, deny, mesh, service, toward

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BUSY = EdgeTraffic(
    rate=20.0,
    error_ratio=0.01,
    p50_ms=3.0,
    p95_ms=20.0,
    p99_ms=50.0,
    bytes_per_s=1000.0,
    denied_rate=0.0,
    connections=2,
    seen_at=AT,
)
FAILING = replace(BUSY, error_ratio=0.6)
CAST = (
    *service("web", calls=["api"]),
    *service("api", calls=["db"]),
    *service("db"),
    *toward(allow("web", "api")),
)


def shown(values: tuple[Value, ...] | list[Value], seen: Seen) -> LiveGraph:
    drawing = drawn(mesh(values), default_allow=False)
    return live(drawing, drawing.graph, seen, default_allow=False)


def edges(graph: LiveGraph) -> dict[tuple[str, str], LiveEdge]:
    return {each.key: each for each in graph.edges}


def test_without_traffic_the_graph_is_the_structure_with_nothing_known() -> None:
    structure = drawn(mesh(CAST), default_allow=False).graph
    found = shown(CAST, Seen())
    assert [each.service for each in found.vertices] == [
        each.service for each in structure.vertices
    ]
    edge = edges(found)["web", "api"]
    assert (edge.rate, edge.seen_at, edge.observed, edge.health) == (None, None, False, "unknown")
    assert asdict(edge).items() >= asdict(structure.edges[1]).items()


def test_an_edge_has_its_traffic() -> None:
    found = shown(CAST, Seen({("web", "api"): BUSY}, {"api": BUSY}))
    structure = drawn(mesh(CAST), default_allow=False).graph
    assert edges(found)["web", "api"] == LiveEdge(
        **asdict(structure.edges[1]),
        **asdict(BUSY),
        observed=True,
        health="passing",
        health_reason="1.0% of 20 calls a second are errors",
    )
    assert found.vertices[0].rate == 20.0


def test_what_is_declared_and_silent_is_told_from_what_nobody_reports() -> None:
    found = edges(shown(CAST, Seen({}, {"db": replace(BUSY, rate=0.0)})))
    silent, unknown = found["api", "db"], found["web", "api"]
    assert (silent.rate, silent.seen_at, silent.observed) == (0.0, None, False)
    assert (unknown.rate, unknown.seen_at, unknown.observed) == (None, None, False)


def test_an_edge_that_is_only_seen_is_added_with_its_verdict() -> None:
    values = (*CAST, *toward(deny("*", "db")))
    found = edges(shown(values, Seen({("web", "db"): BUSY}, {})))["web", "db"]
    assert (found.declared, found.observed, found.verdict) == (False, True, "deny")
    assert found.intention == Deciding("*", "db", 8)


def test_edges_of_services_that_are_gone_are_gone_with_them() -> None:
    found = shown(CAST, Seen({("cache", "api"): BUSY, ("web", "cache"): BUSY}, {"cache": BUSY}))
    assert set(edges(found)) == {("web", "api"), ("api", "db")}


def test_who_may_not_read_intentions_sees_the_traffic_and_no_verdict() -> None:
    graph = shown(CAST, Seen({("web", "db"): BUSY}, {}))
    found = visible(graph, may_see={"web", "db"}.__contains__, may_see_intentions=lambda _: False)
    assert [(each.key, each.verdict, each.rate) for each in found.edges] == [
        (("web", "db"), "unknown", 20.0)
    ]
    assert found.hidden == 1
    only_web = visible(graph, may_see={"web"}.__contains__, may_see_intentions=lambda _: True)
    assert only_web.edges == ()


@pytest.mark.parametrize(
    ("status", "traffic", "vertex", "edge"),
    [
        (
            "passing",
            None,
            ("passing", "all checks are passing"),
            ("unknown", "nobody reports its traffic"),
        ),
        (
            "passing",
            FAILING,
            ("critical", "60.0% of 20 calls a second are errors"),
            ("critical", "60.0% of 20 calls a second are errors"),
        ),
        (
            "warning",
            BUSY,
            ("warning", "its instance is warning"),
            ("passing", "1.0% of 20 calls a second are errors"),
        ),
        (
            "critical",
            BUSY,
            ("critical", "its instance is critical"),
            ("critical", "no instance of api passes its checks"),
        ),
    ],
)
def test_health_follows_from_checks_and_traffic(
    status: str, traffic: EdgeTraffic | None, vertex: tuple[str, str], edge: tuple[str, str]
) -> None:
    values = [*service("web", calls=["api"]), *service("api", status=status)]  # type: ignore[arg-type]
    seen = Seen({("web", "api"): traffic}, {"api": traffic}) if traffic else Seen()
    found = shown(values, seen)
    api = found.vertices[0]
    assert (api.health, api.health_reason) == vertex
    assert (found.edges[0].health, found.edges[0].health_reason) == edge


def test_a_graph_with_traffic_is_a_graph() -> None:
    assert isinstance(shown(CAST, Seen()), Graph)
