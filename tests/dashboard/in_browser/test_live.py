"""A page that changes while somebody reads it."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.asking import put
from tests.dashboard.in_browser.tabs import Tab
from tests.topology.meshes import check, service

pytestmark = pytest.mark.browser


def row(tab: Tab, name: str) -> str:
    html = tab.fragment("/ui/services")
    start = html.index(f'<tr id="row-{name}">')
    return html[start : html.index("</tr>", start) + len("</tr>")]


def test_row_changes_and_nothing_that_the_reader_does_is_lost(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.find("#list-columns summary").click()
    tab.find("#list-q").evaluate("field => { field.value = 'half a wor' }")
    tab.find("#row-web a").focus()
    put(tab.dashboard, [check("web-1", "web", "critical")])
    tab.say(blocks={"row-web": row(tab, "web")})
    expect(tab.find("#row-web .badge")).to_have_attribute("data-status", "critical")
    assert tab.page.evaluate("document.activeElement.textContent") == "web"
    assert tab.find("#list-columns").get_attribute("open") == ""
    assert tab.find("#list-q").input_value() == "half a wor"
    assert tab.find("#freshness").inner_text().startswith("Live")


def test_whole_page_that_is_sent_equals_a_reload(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.find("tbody tr").first.focus()
    tab.keys("End")
    put(tab.dashboard, service("aaa"), service("zzz", status="warning"))
    tab.say(page=tab.fragment("/ui/services"), title="Services")
    expect(tab.find("tbody tr")).to_have_count(5)
    assert tab.focused() == "row-web"
    live = main(tab)
    tab.page.reload()
    assert live == main(tab)


@pytest.mark.parametrize("focused", ["#page", "#row-web"])
def test_what_has_focus_changes_inside(tab: Tab, focused: str) -> None:
    """The page itself has it after a link was followed, a row while arrows walk the table."""
    tab.open("/ui/services")
    tab.find(focused).evaluate("element => { element.tabIndex = 0; element.focus() }")
    put(tab.dashboard, [check("web-1", "web", "critical")])
    tab.say(page=tab.fragment("/ui/services"), title="Services")
    expect(tab.find("#row-web .badge")).to_have_attribute("data-status", "critical")


def main(tab: Tab) -> str:
    """Without what scripts remember: which row the keyboard is on."""
    return str(
        tab.page.evaluate(
            """() => {
              const copy = document.getElementById("page").cloneNode(true);
              for (const row of copy.querySelectorAll("tr")) row.removeAttribute("tabindex");
              return copy.outerHTML;
            }"""
        )
    )


def test_news_of_a_page_that_was_left_is_not_shown(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.say(watch="/ui/", page='<main id="page"><h1>Wrong</h1></main>')
    tab.say(watch="/ui/services", index=44)
    expect(tab.find("[data-freshness-text]")).to_contain_text("index 44")
    assert tab.find("h1").inner_text() == "Services"


def test_block_that_is_not_there_has_the_whole_page_asked_for(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.watched.clear()
    tab.say(blocks={"row-gone": '<tr id="row-gone"></tr>'})
    expect(tab.find("#freshness")).to_have_attribute("data-pulse", "")
    assert tab.watched == [{"watch": "/ui/services", "version": ""}]


def test_lost_connection_is_said_and_comes_back(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.sockets[0].close()
    expect(tab.find("#freshness")).to_contain_text("Offline")
    expect(tab.find("#freshness")).to_contain_text("Live")
    assert len(tab.sockets) == 2
    assert tab.watched[-1]["watch"] == "/ui/services"


def test_login_that_ends_leads_to_a_new_one(tab: Tab) -> None:
    tab.open("/ui/services?q=web")
    with tab.page.expect_request("**/ui/login?*") as asked:
        tab.say(end="the token was revoked")
    assert asked.value.url.endswith("/ui/login?next=%2Fui%2Fservices%3Fq%3Dweb")
