"""The charts of a service, drawn and followed in a real browser."""

import time
from typing import Literal

import pytest
from playwright.sync_api import expect

from dashboard.context import provided
from tests.dashboard.in_browser.tabs import Tab
from tests.dashboard.in_browser.test_looks import violations
from tests.traffic.reports import calls, denied, report

pytestmark = pytest.mark.browser

REFUSED = denied(2, source="db", destination="api", leaf="db>api@9")


def reported(count: int) -> None:
    """For as long as the windows are, so that what was reported before is gone."""
    traffic, now_s = provided().facts.traffic, time.time()
    for ago in reversed(range(900)):
        traffic.take(report(calls(count), calls(1, code="503"), REFUSED), now_s=now_s - ago)


def test_charts_are_drawn_read_out_by_keys_and_follow(tab: Tab) -> None:
    reported(50)
    tab.open("/ui/services/api")
    charts = tab.find("traffic-chart")
    expect(charts.locator("canvas")).to_have_count(3)
    charts.first.focus()
    tab.keys("ArrowLeft", "ArrowLeft")
    said = charts.first.locator("[aria-live]")
    expect(said).to_contain_text("Calls 51, Errors 1, Denied 2")
    points = tab.fragment("/ui/services/api")
    tab.say(page=points.replace("51.0", "77.0"))
    tab.find("#traffic-points[data-points*='77.0']").wait_for(state="attached")
    tab.keys("ArrowLeft")
    expect(said).to_contain_text("Calls 77")
    expect(charts.locator("canvas")).to_have_count(3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_where_traffic_is_shown(
    tab: Tab, theme: Literal["light", "dark"]
) -> None:
    reported(50)
    tab.page.emulate_media(color_scheme=theme)
    tab.open("/ui/services/api")
    expect(tab.find("traffic-chart canvas")).to_have_count(3)
    tab.find(".traffic-table summary").click()
    assert violations(tab) == []
    for width in (360, 1024, 1440):
        tab.page.set_viewport_size({"width": width, "height": 800})
        assert (width, tab.page.evaluate("document.documentElement.scrollWidth")) == (width, width)


def test_table_says_the_same_as_the_charts(tab: Tab) -> None:
    reported(50)
    tab.open("/ui/services/api")
    tab.find(".traffic-table summary").click()
    expect(tab.find("#traffic-minutes tbody tr").nth(1)).to_contain_text("51/s")
