"""Take a picture of every page of the dashboard, from a real demo with a larger mesh beside it.

`make screenshots`; needs Chromium. The pictures are WebP, so that all of them stay small.
"""

import base64
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize

from docs.screenshots import mesh
from tests.chromium import launched
from tests.e2e.demo import Demo, running

FOLDER = Path(__file__).parent
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
QUALITY = 90
STEPS = 24  # of five seconds
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
CALL = "source=support&destination=orders"
PAGES = {
    "overview": "/ui/",
    "graph": "/ui/graph",
    "graph-edge": "/ui/graph#panel=%2Fui%2Fgraph%2Fpanel%3Fsource%3Dsupport%26destination%3Dorders",
    "services": "/ui/services",
    "service": "/ui/services/public-api",
    "instance": "/ui/services/public-api/public-api",
    "proxy": "/ui/services/public-api/public-api?tab=proxy",
    "nodes": "/ui/nodes",
    "node": "/ui/nodes/vm-03",
    "intentions": "/ui/intentions",
    "intention-new": "/ui/intentions/new",
    "intention-editor": f"/ui/intentions/edit?{CALL}",
    "matrix": "/ui/intentions/matrix",
    "explain": f"/ui/intentions/explain?{CALL}&method=DELETE&path=%2Fv1%2Forders%2F7",
    "import": "/ui/intentions/import",
    "certificates": "/ui/certificates",
    "config": "/ui/config",
    "config-editor": "/ui/config/edit?kind=service-defaults&name=payments",
    "access": "/ui/access",
    "policy-new": "/ui/access/policies/new",
    "token-new": "/ui/access/tokens/new",
    "changes": "/ui/changes",
    "control-plane": "/ui/control-plane",
}  # fmt: skip
ON_A_PHONE = ("overview", "graph", "services", "service", "intentions")
IS_AT_REST = """() => document.fonts.status === "loaded"
    && document.getAnimations().every(each => each.playState !== "running"
        || each.effect.getTiming().iterations === Infinity)"""


def main(names: list[str]) -> None:
    chosen = {name: path for name, path in PAGES.items() if not names or name in names}
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), "--load") as demo,
        demo.management() as client,
        launched() as browser,
    ):
        mesh.register(client)
        wait_for_traffic(client)
        for picture, page in taken(demo, browser, chosen):
            save(page, FOLDER / f"{picture}.webp")


def wait_for_traffic(client: httpx.Client) -> None:
    """Until there is a line to be seen in the charts."""
    while True:
        points = client.get("/api/traffic/services/public-api").json()["points"]
        if sum(point["rate"] is not None for point in points) >= STEPS:
            return
        time.sleep(1)


def taken(demo: Demo, browser: Browser, pages: dict[str, str]) -> Iterator[tuple[str, Page]]:
    """Yield each page when it is to be taken; the login page before the login."""
    state = None
    for theme in THEMES:
        context = browser.new_context(
            viewport=WIDE, color_scheme=theme, reduced_motion="reduce", storage_state=state
        )
        page = context.new_page()
        if "overview" in pages:
            page.goto(f"{demo.server}/ui/login")
            yield f"login-{theme}", page
        if state is None:
            page.goto(demo.tulle("ui", "--no-open").stdout.strip())
            state = context.storage_state()
        for name, path in pages.items():
            yield f"{name}-{theme}", opened(page, demo.server + path)
        if theme == "dark":
            page.set_viewport_size(NARROW)
            for name in pages.keys() & set(ON_A_PHONE):
                yield f"{name}-phone", opened(page, demo.server + pages[name])
        context.close()


def opened(page: Page, url: str) -> Page:
    """Whole, live and still."""
    page.goto("about:blank")  # a fragment alone would load nothing
    page.goto(url, wait_until="networkidle" if "/ui/graph" not in url else "load")
    page.locator("#freshness[data-state=live]").wait_for()
    if "/ui/graph" in url:
        page.locator("mesh-graph[data-drawn=yes]").wait_for()
        page.locator(".graph-outline summary").first.wait_for(state="attached")
    if page.locator("traffic-chart").count():
        page.locator("traffic-chart canvas").first.wait_for()
    if "#panel" in url:
        page.locator("#panel[data-open]").wait_for()
    page.wait_for_function(IS_AT_REST)
    return page


def save(page: Page, file: Path) -> None:
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    file.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


if __name__ == "__main__":
    main(sys.argv[1:])
