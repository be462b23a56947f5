"""What can be said of looks by a machine: contrast, names, sizes."""

from pathlib import Path

import pytest

from dashboard.display import CHOICES
from tests.dashboard.in_browser import styleguide
from tests.dashboard.in_browser.tabs import ORIGIN, Tab

pytestmark = pytest.mark.browser

AXE = Path("node_modules/axe-core/axe.min.js")


@pytest.mark.parametrize("theme", CHOICES["theme"])
@pytest.mark.parametrize(
    "path", [styleguide.PATH, "/ui/services", "/ui/services/web", "/ui/graph?words=yes&focus=web"]
)
def test_axe_finds_nothing(tab: Tab, theme: str, path: str) -> None:
    cookie = {"name": "tulle_theme", "value": theme, "url": f"{ORIGIN}/ui/"}
    tab.page.context.add_cookies([cookie])  # type: ignore[list-item]
    tab.open(path)
    tab.page.wait_for_load_state("networkidle")
    assert violations(tab) == []


@pytest.mark.parametrize("width", [360, 768, 1024, 1920])
def test_page_is_never_wider_than_the_window(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(styleguide.PATH)
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width


def test_dialogs_have_names_too(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.keys("?")
    assert violations(tab) == []


def violations(tab: Tab) -> list[str]:
    tab.page.evaluate(AXE.read_text())
    found = tab.page.evaluate("axe.run()")["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
