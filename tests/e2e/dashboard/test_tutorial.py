"""README's tutorial by mouse: from the login to `Error :(`, and back."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, StorageState, expect

from tests.e2e.dashboard.conftest import Browse
from tests.e2e.dashboard.tabs import Tab
from tests.e2e.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]

ORDER = ("frontend", "public-api", "product-api", "postgres")
STANDING = re.compile(r"^(allowed|denied|declared)\d+$")
NEXT_FRAME = "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


def test_deny_all_breaks_the_page_and_three_edges_that_are_allowed_mend_it(
    demo: Demo, browse: Browse, login: StorageState
) -> None:
    graph, other = browse(login), browse(login)
    graph.open("/ui/graph")
    graph.find(".graph-canvas").wait_for()
    graph.mark()
    graph.click("The graph in words")
    expect(graph.find(".graph-outline summary")).to_contain_text(
        [
            "frontend: passing, 1 instance, calls 1 service, called by 0",
            "postgres: passing, 1 instance, calls 0 services, called by 1",
            "product-api: passing, 1 instance, calls 1 service, called by 1",
            "public-api: passing, 1 instance, calls 1 service, called by 1",
        ]
    )
    graph.click("The graph in words")

    other.open("/ui/")
    other.find("#rail [data-name=intentions]").click()
    other.click("New intention", role="link")
    other.find("#new-source").fill("*")
    other.find("#new-destination").fill("*")
    other.click("Deny all calls")
    expect(other.find(".toast-text")).to_be_visible()
    assert demo.shows("Error :(")

    expect(legend(graph)).to_have_text(["denied3", "declared3"])
    for source, destination in pairwise(ORDER):
        click_on_call(graph, source, destination)
        graph.find("#panel").get_by_role("button", name="Allow").click()
        expect(graph.find("#panel .verdict").first).to_have_attribute("data-verdict", "allow")
        graph.find("[data-panel-close]").click()
    expect(legend(graph)).to_have_text(["allowed3", "declared3"])
    assert demo.shows("Packer Spiced Latte")
    assert graph.is_marked()


def legend(graph: Tab) -> Locator:
    """What it says of calls; what passes, and how well services are by that, comes and goes."""
    return graph.find(".graph-legend-entry:visible").filter(has_text=STANDING)


def click_on_call(graph: Tab, source: str, destination: str) -> None:
    """Between the circles of its two ends, where the mouse finds it and the tip names it."""
    (left, y), (right, _) = (circle(graph, name) for name in (source, destination))
    graph.page.mouse.move((left + right) / 2, y)
    expect(graph.find(".graph-tip strong")).to_have_text(f"{source} → {destination}")
    graph.page.mouse.down()
    graph.page.mouse.up()
    expect(graph.find("#panel-title")).to_have_text(f"{source} → {destination}")


def circle(graph: Tab, service: str) -> tuple[float, float]:
    """Where it is drawn: the ring says it that is around what the keyboard has walked to."""
    graph.find(".graph-canvas").focus()
    graph.page.keyboard.press("Home")
    for _ in range(ORDER.index(service)):
        graph.page.keyboard.press("ArrowRight")
    ring = graph.find(".graph-focus")
    expect(ring).to_be_visible()
    graph.page.evaluate(NEXT_FRAME)  # in which it moves to where the keyboard is by now
    box = ring.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
