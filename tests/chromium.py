"""The browser that tests drive: the machine's own Chromium, without a GPU."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboard import assets

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The graph is drawn by WebGL, and these have the processor do what a GPU would.
FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


@contextmanager
def launched() -> Iterator[Browser]:
    """Not for longer than a module: as long as it is there, an event loop runs in this thread."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("there is no Chromium on this machine; on Debian: apt install chromium")
    if not assets.bundled():
        pytest.skip("the scripts are not bundled: make assets")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()
