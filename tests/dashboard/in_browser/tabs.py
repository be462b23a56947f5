"""A tab of a real browser on a dashboard in this process: no port, no server, no sleeping.

What the tab asks for is answered by Django's test client; the test plays the server's end of the
live socket itself.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Locator, Page, Request, Route, WebSocketRoute

from dashboard import assets, showing
from dashboard.asgi import POLICY
from dashboard.views import answered
from meshcore.store.callers import ANYBODY
from tests.dashboard.asking import Dashboard
from tests.dashboard.in_browser import styleguide

ORIGIN = "http://localhost"  # a secure context, as the real one is
AT = "2026-01-02T03:04:05Z"
Said = dict[str, object]


class Tab:
    def __init__(self, page: Page, dashboard: Dashboard) -> None:
        self.page = page
        self.dashboard = dashboard
        self.sockets: list[WebSocketRoute] = []
        self.watched: list[Said] = []
        self.asked: list[tuple[str, str, str]] = []  # method, path, and form or query
        self.complaints: list[str] = []
        self.toasts: dict[str, Said] = {}  # what an action answers, by its path
        # Views that are coroutines need a thread without an event loop: this one has Playwright's.
        self._server = ThreadPoolExecutor(max_workers=1)

    def open(self, path: str) -> None:
        """The live socket is there and has been told what is watched."""
        self.page.goto(ORIGIN + path)
        self.find("#freshness[data-state=live]").wait_for()

    def find(self, selector: str, *, has_text: str | None = None) -> Locator:
        return self.page.locator(selector, has_text=has_text)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))

    def say(self, **said: object) -> None:
        """As the server would on the live socket."""
        self.sockets[-1].send(json.dumps({"index": 43, "at": AT} | said))

    def fragment(self, path: str) -> str:
        """<main> as the server renders it now."""
        html = self.dashboard.get(path, hx_request="true").content.decode()
        return html[html.index("<main") :]

    def listen(self) -> None:
        self.page.route("**/*", self._answer)
        self.page.route_web_socket("**/ui/live", self._connected)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )

    def _connected(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(self._heard)

    def _heard(self, text: str | bytes) -> None:
        self.watched.append(json.loads(text))
        self.say(index=42)

    def _answer(self, route: Route, request: Request) -> None:
        place = urlsplit(request.url)
        if place.path.startswith(assets.ROOT):
            made = assets.answer(
                place.path.removeprefix(assets.ROOT),
                query=place.query,
                if_none_match="",
                accepts_gzip=False,
            )
            headers = {name.decode(): value.decode() for name, value in made.headers}
            route.fulfill(status=made.status, headers=headers, body=made.body)
            return
        self.asked.append((request.method, place.path, request.post_data or place.query))
        if place.path in self.toasts:
            said = json.dumps({"toast": self.toasts[place.path]})
            route.fulfill(status=204, headers={"HX-Trigger": said})
            return
        self._answer_page(route, request)

    def _answer_page(self, route: Route, request: Request) -> None:
        sent, path = request.all_headers(), request.url.removeprefix(ORIGIN)
        client = self.dashboard.client
        client.cookies.update(SimpleCookie(sent.pop("cookie", "")))
        ask = (
            partial(self._styleguide, sent)
            if path.startswith(styleguide.PATH)
            else partial(
                client.generic, request.method, path, request.post_data or "", headers=sent
            )
        )
        answer = self._server.submit(ask).result()
        assert isinstance(answer, HttpResponse)
        headers = {"content-security-policy": POLICY} | dict(answer.headers)
        route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    def _styleguide(self, sent: dict[str, str]) -> HttpResponse:
        request = RequestFactory().get(styleguide.PATH, headers=sent)
        shown = showing.shown(styleguide.page())
        return answered(request, shown, mesh=self.dashboard.store.mesh, caller=ANYBODY)
