"""What the graph page costs a browser: headless Chromium, without a GPU."""

import shutil
from collections.abc import Iterator

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.figures import Figure, Run
from bench.pages import Visitor
from bench.servers import Server

RUNS = 5
PAN_STEPS = 60
MOVING_MS = 8_000
DRAWN = "mesh-graph[data-drawn='yes']"
FLAGS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SIZE = {"width": 1600, "height": 900}


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("bench dashboard needs Chromium; on Debian: apt install chromium")
    return found


def figures(server: Server, visitor: Visitor, *, services: int) -> Iterator[Figure]:
    base = f"http://127.0.0.1:{server.http_port}"
    opened, panned, transferred = [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for _ in range(RUNS):
            context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
            context.add_cookies(
                [{"name": n, "value": v, "url": base} for n, v in visitor.cookies.items()]
            )
            page = context.new_page()
            session = context.new_cdp_session(page)
            received = counted(session)
            page.goto(f"{base}/ui/graph", wait_until="commit")
            page.wait_for_selector(DRAWN, timeout=60_000)
            opened.append(run(page.evaluate("performance.now()")))
            transferred.append(run(sum(received) / 1024))
            panned.append(run(pan(page, session)))
            context.close()
        browser.close()
    edges = services * 5
    what = f"{services:,} services, {edges:,} edges"
    yield Figure(name=f"browser: {what}, drawn", unit="ms", runs=tuple(opened))
    yield Figure(name=f"browser: {what}, a frame of panning", unit="ms", runs=tuple(panned))
    yield Figure(name=f"browser: {what}, transfer", unit="KiB", runs=tuple(transferred))


def moving(server: Server, visitor: Visitor, *, services: int) -> Iterator[Figure]:
    """While nobody touches it: dots run, and each second there are new numbers for every edge."""
    base = f"http://127.0.0.1:{server.http_port}"
    found: list[Run] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
        context.add_cookies(
            [{"name": n, "value": v, "url": base} for n, v in visitor.cookies.items()]
        )
        page = context.new_page()
        session = context.new_cdp_session(page)
        # What the thread itself works: a machine without a GPU draws on the cores that it runs on.
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(f"{base}/ui/graph?groups=expanded", wait_until="commit")
        page.wait_for_selector(".graph-legend-key:not([hidden])", timeout=60_000)
        page.wait_for_timeout(3_000)
        for _ in range(RUNS):
            page.evaluate(COUNT_FRAMES)
            before = task_s(session)
            page.wait_for_timeout(MOVING_MS)
            frames = int(page.evaluate("window.tulleFrames")) / MOVING_MS * 1e3
            value = (task_s(session) - before) * 1e6 / MOVING_MS
            found.append(run(value, note=f"{frames:.0f} frames/s drawn without a GPU"))
        browser.close()
    what = f"{services:,} services, {services * 5:,} edges"
    name = f"browser: {what}, main thread of moving traffic"
    yield Figure(name=name, unit="ms/s", runs=tuple(found))


def counted(session: CDPSession) -> list[float]:
    """The bytes of each answer as they came over the wire."""
    received: list[float] = []
    session.send("Network.enable")
    session.send("Performance.enable")
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    return received


def pan(page: Page, session: CDPSession) -> float:
    """Main-thread milliseconds for each frame while the picture is dragged about."""
    page.mouse.move(SIZE["width"] / 2, SIZE["height"] / 2)
    page.mouse.down()
    before, frames = task_s(session), page.evaluate(COUNT_FRAMES)
    for step in range(PAN_STEPS):
        page.mouse.move(SIZE["width"] / 2 + step * 4, SIZE["height"] / 2 + step * 2)
    page.mouse.up()
    drawn = int(page.evaluate("window.tulleFrames")) - int(frames)
    return (task_s(session) - before) * 1e3 / max(drawn, 1)


COUNT_FRAMES = """() => {
  window.tulleFrames = 0;
  const count = () => { window.tulleFrames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  return 0;
}"""


def task_s(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def run(value: float, note: str = "") -> Run:
    return Run(
        value=value,
        answers=1,
        wrong=0,
        server_cpu_s=0,
        p50_ms=0,
        p99_ms=0,
        worst_ms=value,
        note=note,
    )
