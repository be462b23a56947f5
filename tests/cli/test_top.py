import json
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from meshcore.cli.top import By, ordered, row, screen
from tests.cli.conftest import Tulle

NOW = datetime(2026, 1, 2, 3, 4, 30, tzinfo=UTC)
SILENT = {
    "rate": None,
    "error_ratio": None,
    "p95_ms": None,
    "denied_rate": None,
    "seen_at": None,
    "stale": False,
}
BUSY = {
    "rate": 52.34,
    "error_ratio": 0.0123,
    "p95_ms": 18.44,
    "denied_rate": 0.0,
    "seen_at": "2026-01-02T03:04:29.5Z",
    "stale": False,
}


def vertex(service: str, **measured: object) -> dict[str, Any]:
    return {"service": service, "health": "passing", **SILENT, **measured}


def edge(source: str, destination: str, **measured: object) -> dict[str, Any]:
    ends = {"source": source, "destination": destination}
    return {**ends, "verdict": "allow", "declared": True, **SILENT, **measured}


def test_a_row_says_what_is_known() -> None:
    assert row(vertex("web", **BUSY), now=NOW) == (
        *("web", "passing", "52.3", "1.2%", "18.4 ms", "0.0", "now"),
    )
    assert row(vertex("db"), now=NOW) == ("db", "passing", "-", "-", "-", "-", "never")


def test_the_row_of_an_edge_says_how_it_was_seen() -> None:
    old = {**BUSY, "seen_at": "2026-01-02T03:04:00Z", "stale": True}
    older = {**BUSY, "seen_at": "2026-01-02T03:00:00Z", "declared": False}
    assert row(edge("web", "api", **old), now=NOW)[-1] == "30 s ago, stale"
    assert row(edge("web", "db", **older), now=NOW)[-1] == "4 min ago, undeclared"


def test_what_has_most_comes_first_and_what_is_not_known_last() -> None:
    busy, denied = vertex("api", **BUSY), vertex("db", rate=1.0, denied_rate=9.0)
    graph = {"vertices": [vertex("cache"), denied, busy]}
    by = {sort: [e["service"] for e in ordered(graph, edges=False, sort=sort)] for sort in By}
    assert by[By.RATE] == ["api", "db", "cache"]
    assert by[By.DENIED] == ["db", "api", "cache"]
    assert by[By.P95] == ["api", "cache", "db"]


def printed(shown: list[Any], *, trouble: str = "", height: int = 24) -> list[str]:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(screen(shown, edges=False, trouble=trouble, height=height))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_the_screen_shows_as_much_as_there_is_room_for() -> None:
    crowd = [vertex(f"service-{number}") for number in range(9)]
    lines = printed(crowd, height=8)
    assert lines[0].split() == ["Service", "Health", "Rate/s", "Errors", "p95", "Denied/s", "Seen"]
    assert len(lines) == 7
    assert lines[-1] == "and 4 more"


def test_the_screen_stays_and_says_what_is_wrong_where_nobody_answers() -> None:
    lines = printed([vertex("web", **BUSY)], trouble="no answer from 127.0.0.1:8500")
    assert lines[1].split()[:3] == ["web", "passing", "52.3"]
    assert lines[-1] == "no answer from 127.0.0.1:8500"


def test_services_and_edges_are_printed_once(tulle: Tulle) -> None:
    assert tulle("top", "--once").err.startswith("No services yet.")
    tulle("intention", "create", "cart", "stock", "--allow")
    services = [line.split() for line in tulle("top", "--once").out.splitlines()]
    assert services[1:] == [
        ["cart", "unknown", "-", "-", "-", "-", "never"],
        ["stock", "unknown", "-", "-", "-", "-", "never"],
    ]
    edges = [line.split() for line in tulle("top", "--edges").out.splitlines()]
    assert edges[1:] == [["cart", "stock", "allow", "-", "-", "-", "-", "never"]]
    found = json.loads(tulle("top", "--edges", "--json").out)
    assert [(each["source"], each["rate"]) for each in found] == [("cart", None)]
