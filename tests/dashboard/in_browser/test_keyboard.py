"""Everything by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.in_browser import styleguide
from tests.dashboard.in_browser.tabs import ORIGIN, Tab

pytestmark = pytest.mark.browser


def test_first_tab_stop_skips_to_the_page(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.keys("Tab", "Enter")
    assert tab.focused() == "page"


def test_g_and_a_letter_go_to_a_page(tab: Tab) -> None:
    tab.open("/ui/")
    tab.keys("g", "s")
    expect(tab.page).to_have_title("Services · Tulle")


def test_arrows_walk_the_rows_and_enter_opens_one(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.find("tbody tr").first.focus()
    tab.keys("ArrowDown")
    assert tab.focused() == "row-db"
    tab.keys("End")
    assert tab.focused() == "row-web"
    tab.keys("Home")
    assert tab.focused() == "row-api"
    tab.keys("Enter")
    expect(tab.page).to_have_title("api · Tulle")


def test_space_selects_and_shift_selects_all_between(tab: Tab) -> None:
    tab.open(styleguide.PATH)
    tab.find("tbody tr").first.focus()
    tab.keys("Space", "ArrowDown", "ArrowDown", "Shift+Space")
    chosen = tab.find("[data-select]:checked")
    assert [box.input_value() for box in chosen.all()] == ["checkout", "frontend", "ledger"]


def test_palette_finds_by_letters_and_goes_there(tab: Tab) -> None:
    tab.open("/ui/")
    tab.keys("Control+k")
    tab.page.keyboard.type("srv")
    options = tab.find("#palette [role=option]")
    expect(options.first).to_contain_text("Services")
    tab.keys("Enter")
    expect(tab.page).to_have_url(f"{ORIGIN}/ui/services")


def test_map_is_on_the_question_mark(tab: Tab) -> None:
    tab.open("/ui/")
    tab.keys("?")
    expect(tab.find("#keys")).to_be_visible()
    tab.keys("Escape")
    expect(tab.find("#keys")).to_be_hidden()


def test_menu_is_walked_by_arrows_and_left_by_escape(tab: Tab) -> None:
    tab.open(styleguide.PATH)
    summary = tab.find("#page .page-header-actions summary")
    summary.focus()
    tab.keys("Enter", "ArrowDown", "ArrowDown")
    assert tab.page.evaluate("document.activeElement.textContent") == "Maintenance"
    tab.keys("Escape")
    expect(summary).to_be_focused()
