"""`tab`: a browser's tab on a dashboard with a small mesh."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import launched
from tests.dashboard.asking import Dashboard, put
from tests.dashboard.in_browser.tabs import Tab
from tests.topology.meshes import allow, service, toward


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Django is told that the browser's event loop is all right."""
    with launched() as browser, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


@pytest.fixture
def tab(browser: Browser, dashboard: Dashboard) -> Iterator[Tab]:
    """It must not complain: no script fails, and nothing is against the content security policy."""
    put(
        dashboard,
        service("web", calls=["api"]),
        service("api"),
        service("db"),
        toward(allow("web", "api")),
    )
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    tab = Tab(context.new_page(), dashboard)
    tab.listen()
    yield tab
    complaints = list(tab.complaints)  # closing cuts off what is under way, and is no fault
    context.close()
    assert complaints == []
