"""What passes over the graph, as tabs are told of it: each has what a fresh tab would have."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.live.messages import ENCODER
from dashboard.live.passing import Passing, figures, share
from meshcore.topology.types import LiveEdge, LiveGraph, LiveVertex

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAMES = ("web", "api", "db")
PAIRS = [
    (source, destination) for source in NAMES for destination in NAMES if source != destination
]
NAMED = frozenset({("web", "api"), ("api", "db")})
ROW_OF_WEB_API = [12.4, 0.021, 3.1, 9, None, 8400, 0, 3, None, 0, 2]


SEEN = LiveEdge(
    source="web",
    destination="api",
    verdict="allow",
    by_default=False,
    intention=None,
    reason="an intention allows it",
    declared=True,
    mtls=True,
    health="passing",
    health_reason="",
    observed=True,
    seen_at=AT,
)


def edge(source: str, destination: str, **more: Any) -> LiveEdge:  # noqa: ANN401 any field
    declared = (source, destination) in NAMED
    return replace(SEEN, source=source, destination=destination, declared=declared, **more)


def vertex(service: str, **more: Any) -> LiveVertex:  # noqa: ANN401 any field
    return LiveVertex(service=service, health_reason="", **more)


def graph(*parts: LiveEdge | LiveVertex) -> LiveGraph:
    return LiveGraph(
        index=7,
        default_verdict="deny",
        groups=(),
        vertices=tuple(part for part in parts if isinstance(part, LiveVertex)),
        edges=tuple(part for part in parts if isinstance(part, LiveEdge)),
    )


class Tab(msgspec.Struct):
    """A browser's tab in Python: static/src/ts/graph/traffic/traffic.ts."""

    version: str = ""
    edges: dict[str, object] = {}
    vertices: dict[str, object] = {}
    observed: dict[str, object] = {}

    def hear(self, passing: Passing) -> None:
        said = json.loads(ENCODER.encode(passing.since(self.version, at=AT)))
        if said["since"] is None:
            self.edges, self.vertices, self.observed = {}, {}, {}
        else:
            assert said["since"] == self.version
        self.edges |= {f"{source} {to}": row for source, to, row in said["edges"]}
        self.vertices |= dict(said["vertices"])
        self.observed |= {f"{e['source']} {e['destination']}": e for e in said["observed"]}
        for known, gone in ((self.edges, "gone"), (self.observed, "gone_observed")):
            for source, to in said[gone]:
                known.pop(f"{source} {to}", None)  # it may have come and gone meanwhile
        for service in said["gone_vertices"]:
            self.vertices.pop(service, None)
        self.version = said["version"]


def heard(passing: Passing) -> Tab:
    tab = Tab()
    tab.hear(passing)
    return tab


RATES = st.sampled_from([None, 0.0, 1.0, 250.0])
EDGES = st.builds(
    lambda pair, rate, verdict: edge(*pair, rate=rate, verdict=verdict),
    st.sampled_from(PAIRS),
    RATES,
    st.sampled_from(["allow", "deny"]),
)
VERTICES = st.builds(lambda name, rate: vertex(name, rate=rate), st.sampled_from(NAMES), RATES)
GRAPHS = st.builds(
    lambda edges, vertices: graph(*edges, *vertices),
    st.lists(EDGES, unique_by=lambda each: each.key),
    st.lists(VERTICES, unique_by=lambda each: each.service),
)


@given(st.lists(st.tuples(GRAPHS, st.booleans()), max_size=8))
def test_after_any_changes_a_tab_has_what_a_fresh_one_has(
    changes: list[tuple[LiveGraph, bool]],
) -> None:
    passing, tab = Passing(), Tab()
    for changed, is_told in changes:
        passing.become(changed, NAMED)
        if is_told:
            tab.hear(passing)
    tab.hear(passing)
    assert tab == heard(passing)


def test_row_has_the_figures_that_can_be_read() -> None:
    passing = Passing()
    passing.become(
        graph(
            edge(
                "web",
                "api",
                rate=12.3699,
                error_ratio=0.0213,
                p50_ms=3.1,
                p95_ms=9.0,
                bytes_per_s=8401.2,
                denied_rate=0.0,
                connections=3,
                health="warning",
            )
        ),
        NAMED,
    )
    assert heard(passing).edges == {"web api": ROW_OF_WEB_API}


def test_only_what_changed_is_told_to_who_has_the_rest() -> None:
    passing = Passing()
    passing.become(graph(edge("web", "api", rate=1.0), edge("api", "db", rate=1.0)), NAMED)
    tab = heard(passing)
    passing.become(graph(edge("web", "api", rate=1.0), edge("api", "db", rate=2.0)), NAMED)
    told = passing.since(tab.version, at=AT)
    assert [row[:2] for row in told.edges] == [("api", "db")]
    assert told.since == tab.version


def test_nothing_new_is_no_new_version() -> None:
    passing = Passing()
    for _ in range(2):
        passing.become(graph(edge("web", "api", rate=1.0)), NAMED)
        version = passing.version
    assert version == heard(passing).version
    assert passing.since(version, at=AT).edges == []


def test_edge_that_nobody_declares_or_names_comes_whole() -> None:
    passing = Passing()
    passing.become(graph(edge("web", "db", rate=1.0, verdict="deny")), NAMED)
    assert [each.verdict for each in passing.since("", at=AT).observed] == ["deny"]
    assert type(passing.since("", at=AT).observed[0]).__name__ == "Edge"


@pytest.mark.parametrize("version", ["", "7", "another.1", "{}.2", "{}.-1", "{}.x"])
def test_version_that_is_not_known_brings_all_there_is(version: str) -> None:
    passing = Passing()
    passing.become(graph(edge("web", "api", rate=1.0)), NAMED)
    name = passing.version.partition(".")[0]
    told = passing.since(version.format(name), at=AT)
    assert (told.since, len(told.edges)) == (None, 1)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (0.0, 0),
        (0.12345, 0.123),
        (1.2345, 1.23),
        (12.345, 12.3),
        (123.45, 123),
        (123456.0, 123000),
    ],
)
def test_three_figures_are_told(value: float | None, written: float | None) -> None:
    assert figures(value) == written


@pytest.mark.parametrize(
    ("ratio", "written"), [(None, None), (0.0, 0), (0.00001, 0.0001), (0.0312, 0.031), (1.0, 1)]
)
def test_few_errors_are_not_none(ratio: float | None, written: float | None) -> None:
    assert share(ratio) == written
