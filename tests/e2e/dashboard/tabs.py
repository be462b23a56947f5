"""A tab of a real browser on the demo's dashboard."""

from playwright.sync_api import BrowserContext, Locator

from tests.e2e.demo import Demo

Place = tuple[float, float]


class Tab:
    """`complaints` are the browser's: failed scripts, what the policy forbids, dialogs."""

    def __init__(self, context: BrowserContext, demo: Demo) -> None:
        self.context, self.demo, self.page = context, demo, context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def open(self, path: str) -> None:
        """The page is there, and follows the mesh."""
        self.page.goto(self.demo.server + path)
        self.is_live()

    def is_live(self) -> None:
        self.find("#freshness[data-state=live]").wait_for()

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def click(self, words: str, *, role: str = "button") -> None:
        self.page.get_by_role(role, name=words).click()  # type: ignore[arg-type]  # one of many

    def mark(self) -> None:
        """So that `is_marked` says whether the shell was loaded anew since."""
        self.page.evaluate("window.isMarked = true")

    def is_marked(self) -> bool:
        return bool(self.page.evaluate("window.isMarked === true"))
