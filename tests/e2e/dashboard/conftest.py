"""`tab`: a browser that is logged in to the demo's dashboard; `browse` makes more of them."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState

from tests.chromium import launched
from tests.e2e.dashboard.tabs import Tab
from tests.e2e.demo import Demo

Browse = Callable[..., Tab]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def logins() -> dict[str, StorageState]:
    """What browsers were left with after they had logged in."""
    return {}


@pytest.fixture
def login(logins: dict[str, StorageState], browser: Browser, demo: Demo) -> StorageState:
    """By the link that `tulle ui` opens; once, for all tests."""
    if "management" not in logins:
        link = demo.tulle("ui", "--no-open")
        assert link.returncode == 0, link.stderr
        context = browser.new_context()
        page = context.new_page()
        page.goto(link.stdout.strip())
        assert page.url == f"{demo.server}/ui/"
        logins["management"] = context.storage_state()
        context.close()
    return logins["management"]


@pytest.fixture
def browse(browser: Browser, demo: Demo) -> Iterator[Browse]:
    """Another browser, with what it was left with, if anything."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def another(storage_state: StorageState | None = None) -> Tab:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            reduced_motion="reduce",
            storage_state=storage_state,
        )
        contexts.append(context)
        tabs.append(Tab(context, demo))
        return tabs[-1]

    yield another
    complaints = [complaint for tab in tabs for complaint in tab.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def tab(browse: Browse, login: StorageState) -> Tab:
    return browse(login)
