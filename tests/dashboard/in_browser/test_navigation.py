"""From page to page without loading the shell again."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.asking import put
from tests.dashboard.in_browser import styleguide
from tests.dashboard.in_browser.tabs import ORIGIN, Tab
from tests.topology.meshes import service

pytestmark = pytest.mark.browser


def test_link_changes_the_page_and_keeps_the_shell(tab: Tab) -> None:
    tab.open("/ui/")
    tab.page.evaluate("window.isSameShell = true")
    tab.find("#rail a[data-name=services]").click()
    expect(tab.page).to_have_title("Services · Tulle")
    assert tab.page.url == f"{ORIGIN}/ui/services"
    assert tab.page.evaluate("window.isSameShell")
    assert tab.focused() == "page"
    assert tab.find("#rail [aria-current=page]").all_inner_texts() == ["Services"]
    assert tab.watched[-1]["watch"] == "/ui/services"


def test_back_leads_to_the_page_and_the_place_on_it(tab: Tab) -> None:
    put(tab.dashboard, *(service(f"service-{number:02}") for number in range(60)))
    tab.open("/ui/services")
    tab.find("text=service-40").last.scroll_into_view_if_needed()
    place = tab.page.evaluate("scrollY")
    assert place > 0
    tab.find("a:text-is('service-40')").click()
    expect(tab.find("h1")).to_contain_text("service-40")
    assert tab.page.evaluate("scrollY") == 0
    tab.page.go_back()
    expect(tab.page).to_have_title("Services · Tulle")
    assert tab.page.evaluate("scrollY") == place


def test_list_follows_what_is_typed_and_so_does_the_url(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.keys("/")
    tab.page.keyboard.type("we")
    expect(tab.find("tbody tr")).to_have_count(1)
    assert tab.page.url == f"{ORIGIN}/ui/services?q=we"
    assert (tab.focused(), tab.find("#list-q").input_value()) == ("list-q", "we")
    tab.find("#list-clear").click()
    expect(tab.find("tbody tr")).to_have_count(3)
    assert tab.find("#list-q").input_value() == ""


def test_page_that_is_not_there_is_shown_in_the_shell(tab: Tab) -> None:
    tab.open(styleguide.PATH)
    tab.find("#row-vault a").first.click()
    expect(tab.find("h1")).to_have_text("Not found")
    assert tab.find("#rail [aria-current=page]").all_inner_texts() == ["Services"]
    tab.complaints.clear()  # the browser notes the 404


def test_small_screen_shows_all_pages_when_asked_to(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 800})
    tab.open("/ui/")
    nodes = tab.find("#rail a[data-name=nodes]")
    expect(nodes).to_be_hidden()
    tab.find("#rail >> text=More").click()
    nodes.click()
    expect(tab.page).to_have_title("Nodes · Tulle")
    expect(nodes).to_be_hidden()


def test_theme_is_there_before_the_first_paint(tab: Tab) -> None:
    tab.open("/ui/")
    tab.find("#display-menu summary").click()
    tab.find("#display-menu label:has-text('Dark')").click()
    tab.find("#display-menu label:has-text('Compact')").click()
    tab.page.reload()
    html = tab.page.content()
    assert '<html lang="en" data-theme="dark" data-density="compact">' in html
    assert tab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 25)"
