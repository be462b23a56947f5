"""Tabs that draw the graph are told what passes over it, and nobody else is."""

import time
from typing import Any

from dashboard.context import provided
from tests.dashboard.asking import Dashboard, put
from tests.dashboard.live.conftest import Open, Tab
from tests.topology.meshes import allow, service, toward
from tests.traffic.reports import calls, report

MESH = (
    service("web", calls=["api"]),
    service("api"),
    service("db"),
    toward(allow("web", "api")),
)
OF_API = 'service "api" { policy = "read" } service "web" { policy = "read" }'
OF_DB = 'service "db" { policy = "read" }'


def called(source: str, destination: str) -> None:
    """Have the destination's proxy report a call."""
    reported = report(
        calls(10, source=source, destination=destination), service=destination, interval_s=5.0
    )
    provided().facts.traffic.take(reported, now_s=time.time())


def traffic_told(tab: Tab) -> Any:  # noqa: ANN401 any JSON
    while True:
        told = tab.told()
        if "traffic" in told:
            return told["traffic"]


def pairs(traffic: Any) -> list[list[str]]:  # noqa: ANN401 any JSON
    return sorted(row[:2] for row in traffic["edges"])


def drawing(tab: Tab, version: str = "") -> Tab:
    tab.socket.send(f'{{"watch": "/ui/graph?hops=2", "traffic": "{version}"}}')
    return tab


def test_tab_that_draws_is_told_what_passes(dashboard: Dashboard, opened: Open) -> None:
    put(dashboard, *MESH)
    called("web", "api")
    told = traffic_told(drawing(opened(dashboard)))
    assert (told["since"], pairs(told), told["observed"]) == (None, [["web", "api"]], [])
    assert told["edges"][0][2][0] == 2  # of ten in five seconds
    assert [service for service, _ in told["vertices"]] == ["api"]


def test_tab_is_told_afterwards_what_changes(dashboard: Dashboard, opened: Open) -> None:
    put(dashboard, *MESH)
    called("web", "api")
    tab = drawing(opened(dashboard))
    first = traffic_told(tab)
    called("web", "db")
    then = traffic_told(tab)
    while then["edges"] and pairs(then) == [["web", "api"]]:  # its rate moves by itself
        first, then = then, traffic_told(tab)
    assert then["since"] == first["version"]
    assert ["web", "db"] in pairs(then)
    assert [(e["source"], e["destination"], e["declared"]) for e in then["observed"]] == [
        ("web", "db", False)
    ]


def test_tab_that_comes_back_goes_on_from_its_version(dashboard: Dashboard, opened: Open) -> None:
    put(dashboard, *MESH)
    called("web", "api")
    tab, other = drawing(opened(dashboard)), drawing(opened(dashboard))
    version = traffic_told(tab)["version"]
    traffic_told(other)  # while somebody looks, versions are remembered
    called("web", "db")
    told = traffic_told(drawing(opened(dashboard), version))
    assert told["since"] == version


def test_nobody_is_told_of_services_that_he_may_not_see(guarded: Dashboard, opened: Open) -> None:
    put(guarded, *MESH)
    called("web", "api")
    called("web", "db")
    of_api = traffic_told(drawing(opened(guarded.holding(OF_API))))
    assert pairs(of_api) == [["web", "api"]]
    of_db = traffic_told(drawing(opened(guarded.holding(OF_DB))))
    assert (pairs(of_db), [name for name, _ in of_db["vertices"]]) == ([], ["db"])


def test_verdict_of_what_is_only_seen_takes_the_right_to_read_intentions(
    guarded: Dashboard, opened: Open
) -> None:
    put(guarded, *MESH)
    called("web", "db")
    rules = """
    service_prefix "" { policy = "read" intentions = "deny" }
    """
    told = traffic_told(drawing(opened(guarded.holding(rules))))
    assert [edge["verdict"] for edge in told["observed"]] == ["unknown"]


def test_pages_without_the_graph_and_tabs_that_nobody_sees_are_told_nothing(
    dashboard: Dashboard, opened: Open
) -> None:
    put(dashboard, *MESH)
    called("web", "api")
    hidden, elsewhere, drawn = (opened(dashboard) for _ in range(3))
    hidden.watch("/ui/graph")
    elsewhere.socket.send('{"watch": "/ui/services", "traffic": ""}')
    firsts = [tab.told() for tab in (hidden, elsewhere)]
    traffic_told(drawing(drawn))
    put(dashboard, service("cache"))
    thens = [tab.told() for tab in (hidden, elsewhere)]
    assert [told.keys() & {"traffic"} for told in (*firsts, *thens)] == [set()] * 4
