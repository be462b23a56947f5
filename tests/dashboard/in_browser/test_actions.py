"""What is done from a page: asked first, said afterwards, and undone."""

import json

import pytest
from playwright.sync_api import expect

from tests.dashboard.in_browser import styleguide
from tests.dashboard.in_browser.tabs import ORIGIN, Tab

pytestmark = pytest.mark.browser

DEREGISTER = "/ui/do/deregister"


@pytest.fixture
def chosen(tab: Tab) -> Tab:
    """Two rows are chosen, and the question about them is open."""
    tab.toasts[DEREGISTER] = {
        "text": "2 services are gone",
        "kind": "done",
        "command": "tulle deregister frontend ledger",
        "undo": 7,
    }
    tab.open(styleguide.PATH)
    tab.find("#row-frontend [data-select]").click()
    tab.find("#row-ledger [data-select]").click()
    tab.find("#bulk .danger").click()
    return tab


def test_change_is_asked_about_and_its_reason_is_sent(chosen: Tab) -> None:
    assert chosen.focused() == "confirm-reason"
    chosen.page.keyboard.type("moved")
    chosen.keys("Enter")
    expect(chosen.find(".toast-text")).to_have_text("2 services are gone")
    assert chosen.asked[-1] == ("POST", DEREGISTER, "key=frontend&key=ledger&reason=moved")


def test_nothing_is_done_when_the_question_is_left(chosen: Tab) -> None:
    chosen.keys("Escape")
    expect(chosen.find("#confirm")).to_be_hidden()
    assert chosen.asked == [("GET", styleguide.PATH, "")]
    assert chosen.find("#bulk").inner_text().startswith("2 selected")


def test_toast_has_the_command_and_undoes(chosen: Tab) -> None:
    chosen.toasts["/ui/do/undo"] = {"text": "2 services are back", "kind": "done"}
    chosen.keys("Enter")
    expect(chosen.find(".toast code")).to_have_text("tulle deregister frontend ledger")
    chosen.keys("u")
    expect(chosen.find(".toast-text")).to_have_text("2 services are back")
    assert chosen.asked[-1] == ("POST", "/ui/do/undo", "index=7")


def test_answer_is_heard_though_what_asked_for_it_is_gone(chosen: Tab) -> None:
    chosen.find("#confirm-reason").evaluate(
        "field => field.form.addEventListener('submit', () => setTimeout(() => "
        "document.getElementById('bulk').remove()))"
    )
    chosen.keys("Enter")
    expect(chosen.find(".toast-text")).to_have_text("2 services are gone")


def test_panel_shows_a_page_beside_the_list_and_stands_in_the_url(tab: Tab) -> None:
    tab.open(styleguide.PATH)
    tab.find("#row-frontend summary").click()
    tab.find("#row-frontend [data-panel]").evaluate(
        "link => { link.dataset.panel = '/ui/services/web' }"
    )
    tab.keys("ArrowDown", "Enter")
    expect(tab.find("#panel-title")).to_have_text("web")
    assert tab.page.url == f"{ORIGIN}{styleguide.PATH}#panel=%2Fui%2Fservices%2Fweb"
    expect(tab.find("#panel-title")).to_be_focused()
    tab.keys("Escape")
    expect(tab.find("#panel")).to_be_hidden()
    assert tab.page.url == ORIGIN + styleguide.PATH
    tab.page.goto(f"{ORIGIN}/ui/#panel=%2Fui%2Fservices%2Fapi")
    expect(tab.find("#panel-title")).to_have_text("api")


def test_failure_that_says_what_is_wrong_is_told_once(chosen: Tab) -> None:
    said = json.dumps({"toast": {"text": "no write is possible", "kind": "error"}})
    chosen.page.route(
        f"**{DEREGISTER}", lambda route: route.fulfill(status=503, headers={"HX-Trigger": said})
    )
    chosen.keys("Enter")
    expect(chosen.find(".toast-text")).to_have_text(["no write is possible"])
    chosen.complaints.clear()  # the browser notes each failure
