"""What passes over the graph, as it is seen: dots that run, marks that stand, numbers and words."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboard.asking import put
from tests.dashboard.in_browser.tabs import AT, Tab
from tests.topology.meshes import deny, service, toward

pytestmark = pytest.mark.browser

CALLS = [120.0, 0.25, 4, 9, 20, 1200, 0, 2, None, 0, 2]
ATTEMPTS = [0, None, None, None, None, 0, 3.5, 0, None, 0, 1]
NEWS: dict[str, Any] = {
    "version": "a.1",
    "at": AT,
    "since": None,
    "edges": [["web", "api", CALLS], ["web", "db", ATTEMPTS]],
    "vertices": [["api", CALLS], ["db", ATTEMPTS]],
    "observed": [],
    "gone": [],
    "gone_vertices": [],
    "gone_observed": [],
}
TWO_FRAMES = "() => new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"


@pytest.fixture
def drawn(tab: Tab) -> Tab:
    put(tab.dashboard, toward(deny("web", "db")), service("cache", calls=["db"]))
    tab.open("/ui/graph")
    expect(tab.find("mesh-graph[data-drawn=yes]")).to_be_visible()
    tab.page.wait_for_function("() => document.querySelector('canvas.sigma-traffic')")
    return tab


def hear(tab: Tab, **more: object) -> None:
    tab.say(traffic=NEWS | more)
    expect(tab.find(".graph-legend-key")).to_be_visible()


def picture(tab: Tab) -> bytes:
    return tab.find(".graph-canvas").screenshot(animations="allow")


def test_only_who_draws_asks_for_what_passes(drawn: Tab) -> None:
    assert any(said.get("traffic") == "" for said in drawn.watched)
    drawn.find('#rail a[href="/ui/services"]').click()
    expect(drawn.find("h1")).to_have_text("Services")
    assert "traffic" not in drawn.watched[-1]


def test_dots_run_where_somebody_likes_motion(drawn: Tab) -> None:
    drawn.page.emulate_media(reduced_motion="no-preference")
    hear(drawn)
    assert picture(drawn) != picture(drawn)


def test_marks_stand_still_for_who_does_not(drawn: Tab) -> None:
    before = picture(drawn)
    hear(drawn)
    drawn.page.evaluate(TWO_FRAMES)
    after = picture(drawn)
    assert after != before
    assert picture(drawn) == after


def test_numbers_are_chosen_and_kept_in_the_address(drawn: Tab) -> None:
    hear(drawn)
    drawn.page.get_by_label("Number on each call").select_option("p95")
    drawn.page.wait_for_function(
        "() => new URLSearchParams(location.search).get('labels') === 'p95'"
    )
    drawn.page.reload()
    expect(drawn.page.get_by_label("Number on each call")).to_have_value("p95")


def test_legend_counts_what_fails_and_what_is_attempted(drawn: Tab) -> None:
    hear(drawn)
    for words in ("failing", "denied attempts", "silent"):
        entry = drawn.page.get_by_role("button", name=re.compile(rf"^{words}\s*1"))
        expect(entry).to_be_visible()


def test_panel_tells_what_passes_and_goes_on_telling(drawn: Tab) -> None:
    hear(drawn)
    drawn.page.goto("http://localhost/ui/graph?source=web&destination=api")
    expect(drawn.find("#panel .graph-traffic")).to_contain_text("Waiting for the first numbers")
    hear(drawn)
    expect(drawn.find("#panel .graph-traffic")).to_contain_text("120/s")
    changed = [["web", "api", [240.0, *CALLS[1:]]]]
    hear(drawn, version="a.2", since="a.1", edges=changed, vertices=[])
    expect(drawn.find("#panel .graph-traffic")).to_contain_text("240/s")


def test_outline_has_the_numbers_too(drawn: Tab) -> None:
    drawn.page.get_by_role("button", name="The graph in words").click()
    hear(drawn)
    expect(drawn.find(".graph-outline summary", has_text="api:")).to_contain_text(
        "120 a second, 25 % errors, p95 9 ms"
    )


def test_gap_in_what_was_told_has_all_of_it_asked_for(drawn: Tab) -> None:
    hear(drawn)
    said = len(drawn.watched)
    drawn.say(traffic=NEWS | {"version": "a.9", "since": "a.8"})
    drawn.page.evaluate("() => document.title")  # what it sent meanwhile is here
    assert any(each.get("traffic") == "" for each in drawn.watched[said:])
