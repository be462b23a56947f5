"""A browser's tab in Python: what is on the screen after the messages that it was sent."""

import json
from html.parser import HTMLParser

from dashboard.showing import Shown

VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Screen:
    def __init__(self, shown: Shown) -> None:
        self.title = shown.content.title
        self.html = shown.content.html

    def receive(self, text: str) -> None:
        news = json.loads(text)
        self.title = news.get("title", self.title)
        self.html = news.get("page", self.html)
        for key, html in news.get("blocks", {}).items():
            start, end = Finder(self.html, key).place
            self.html = self.html[:start] + html + self.html[end:]


class Finder(HTMLParser):
    """Where the element with this id begins and ends; there must be one."""

    def __init__(self, html: str, key: str) -> None:
        super().__init__(convert_charrefs=False)
        self.key = key
        self.tag = ""
        self.depth = 0
        self.start = self.end = -1
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.feed(html)

    @property
    def place(self) -> tuple[int, int]:
        assert self.start >= 0, f"there is no element {self.key}"
        assert self.end > self.start, f"the element {self.key} does not end"
        return self.start, self.end

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.end >= 0:
            return
        if self.depth:
            self.depth += tag == self.tag and tag not in VOID
        elif ("id", self.key) in attrs:
            self.tag, self.depth, self.start = tag, 1, self.offset_now()

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag == self.tag and self.end < 0:
            self.depth -= 1
            if self.depth == 0:
                self.end = self.offset_now() + len(f"</{tag}>")

    def offset_now(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column
