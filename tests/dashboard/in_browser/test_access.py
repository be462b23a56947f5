"""Tokens and policies, made and changed by mouse and by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.dashboard.asking import Dashboard
from tests.dashboard.in_browser.tabs import Tab

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(browser: Browser, guarded: Dashboard) -> Iterator[Tab]:
    """Of somebody who may write ACLs and nothing else."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    tab = Tab(context.new_page(), guarded.holding('acl = "write"'))
    tab.listen()
    yield tab
    context.close()
    assert tab.complaints == []


def test_a_token_is_made_and_its_secret_survives_until_it_is_copied(tab: Tab) -> None:
    tab.open("/ui/access/tokens/new")
    tab.find("#field-description").fill("Ops")
    tab.find("#link-service-0").fill("web")
    expect(tab.find("#link-service-1")).to_be_visible()
    expect(tab.find(".effects")).to_contain_text("web-sidecar-proxy")
    # The draft that this starts is still to come when the button is pressed.
    tab.find("#draft-reason").fill("new here")
    tab.find("button", has_text="Create the token").click()
    secret = tab.find("#secret-text").inner_text()
    tab.say(page=tab.fragment("/ui/access/tokens/new"), version="another")
    assert tab.find("#secret-text").inner_text() == secret
    token = tab.dashboard.callers.token(secret)
    assert token.description == "Ops"
    assert tab.dashboard.store.recent.newest_first()[0].reason == "new here"
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])"
    assert secret not in str(tab.page.evaluate(stored))
    tab.find("a", has_text="I have copied it").click()
    expect(tab.find("#rights")).to_be_visible()
    assert secret not in tab.page.content()
    assert not any(secret in "".join(asked) for asked in tab.asked)


def test_a_policy_tells_its_mistakes_and_what_it_allows_while_it_is_typed(tab: Tab) -> None:
    tab.open("/ui/access/policies/new")
    tab.find("#field-name").fill("ops")
    tab.find("code-editor .cm-content").click()
    tab.keys("ControlOrMeta+a")
    tab.page.keyboard.type('acl = "reed"')
    error = tab.find("#policy-preview .error")
    expect(error).to_contain_text('Line 1, column 1: acl is "reed"')
    tab.keys("ControlOrMeta+a")
    tab.page.keyboard.type('acl = "read"')
    tab.find("#question-kind").select_option("acl")
    expect(tab.find("#policy-answer")).to_contain_text("acl is read in policy ops")
    tab.find("button", has_text="Create the policy").click()
    expect(tab.find(".toast-text")).to_contain_text("Policy ops saved")
    policy = tab.dashboard.store.mesh.acl.policy_named("ops")
    assert policy is not None
    assert policy.rules == 'acl = "read"'
