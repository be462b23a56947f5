"""`tab`: a browser's tab on a dashboard with a small mesh."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboard import assets
from tests.dashboard.asking import Dashboard, put
from tests.dashboard.in_browser.tabs import Tab
from tests.topology.meshes import allow, service, toward

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for longer than a module: as long as it is there, an event loop runs in this thread.

    Django is told that this is all right; other tests want no loop, or one of their own.
    """
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    if not assets.bundled():
        pytest.skip("the scripts are not bundled: make assets")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            # WebGL, for the graph, on machines without a GPU.
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        yield launched
        launched.close()


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
    context.close()
    assert tab.complaints == []
