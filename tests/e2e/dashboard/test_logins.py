"""What happens to open tabs: others write, the login ends, the connection is lost."""

import uuid

import pytest
from playwright.sync_api import StorageState, expect

from tests.e2e.dashboard.conftest import Browse
from tests.e2e.dashboard.tabs import Tab
from tests.e2e.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]

EDITOR = "/ui/intentions/edit?destination=public-api&source=frontend"


@pytest.fixture
def guest(demo: Demo, browse: Browse) -> tuple[Tab, str]:
    """Logged in by pasting a token of its own, which has this accessor."""
    secret = str(uuid.uuid4())
    with demo.management() as client:
        token = {
            "SecretID": secret,
            "Policies": [{"Name": "builtin/global-read-only"}],
            "ExpirationTTL": "1h",
        }
        made = client.put("/v1/acl/token", json=token)
    made.raise_for_status()
    tab = browse()
    tab.page.goto(f"{demo.server}/ui/services")
    tab.find("#token").fill(secret)
    tab.click("Log in")
    tab.is_live()
    return tab, str(made.json()["AccessorID"])


def test_revoked_token_leads_its_open_tab_to_the_login_and_back(
    demo: Demo, guest: tuple[Tab, str]
) -> None:
    tab, accessor = guest
    expect(tab.find("h1")).to_have_text("Services")
    with demo.management() as client:
        client.delete(f"/v1/acl/token/{accessor}").raise_for_status()
    expect(tab.page).to_have_url(f"{demo.server}/ui/login?next=%2Fui%2Fservices")
    expect(tab.find(".notice")).to_contain_text("revoked")


def test_change_in_one_tab_is_seen_in_the_other_without_a_reload(
    browse: Browse, login: StorageState
) -> None:
    one, other = browse(login), browse(login)
    other.open("/ui/intentions")
    other.mark()
    expect(other.find("tbody tr")).to_have_count(0)
    one.open("/ui/intentions/new")
    one.find("#new-source").fill("web")
    one.find("#new-destination").fill("api")
    one.find("#new-reason").fill("they are one team")
    one.click("Allow all calls")
    expect(one.find(".toast-text")).to_have_text("web → api allowed")
    expect(other.find("tbody tr")).to_contain_text("web")
    one.find(".toast").get_by_role("button", name="Undo").click()
    expect(other.find("tbody tr")).to_have_count(0)
    assert other.is_marked()
    one.open("/ui/changes?kind=intentions")
    expect(one.find("#page")).to_contain_text("they are one team")


def test_lost_connection_is_said_and_ends_by_itself(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.mark()
    tab.context.set_offline(True)
    expect(tab.find("#freshness")).to_contain_text("Offline")
    tab.context.set_offline(False)
    expect(tab.find("#freshness")).to_contain_text("Live")
    assert tab.is_marked()
    tab.complaints.clear()  # the browser notes each attempt


def test_two_who_edit_one_intention_are_told_and_lose_nothing(
    browse: Browse, login: StorageState
) -> None:
    one, other = browse(login), browse(login)
    for tab in (one, other):
        tab.open(EDITOR)
        tab.find("[name='sources.0.description']").wait_for()
    one.find("[name='sources.0.description']").fill("the shop's own")
    other.find("[name='sources.0.description']").fill("mine")
    one.click("Save")
    expect(one.find(".toast-text")).to_be_visible()
    expect(other.find("#conflict-title")).to_be_visible()
    expect(other.find("[name='sources.0.description']")).to_have_value("mine")
