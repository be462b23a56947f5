"""The dashboard as a browser asks it, in process, over a store of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec
from django.http import HttpResponse
from django.test import Client

from dashboard.facts import Facts
from dashboard.pages import PageRequest
from dashboard.params import Params
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller, Callers
from meshcore.store.store import Action, Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FACTS = Facts(
    datacenter="dc1",
    node_name="node-1",
    version="0.1.0",
    started_at=NOW,
    default_allow=False,
    acl_enabled=True,
    acl_default_allow=False,
)


class Dashboard(msgspec.Struct, frozen=True):
    store: Store
    callers: Callers
    client: Client

    def get(self, path: str) -> HttpResponse:
        answer = self.client.get(path)
        assert isinstance(answer, HttpResponse)
        return answer

    def text(self, path: str) -> str:
        """What can be read in <main>, a line for each piece of text."""
        return text_of(self.get(path).content.decode())

    def write(self, action: Action) -> Mesh:
        self.store.write_from_thread(action, actor="test")
        return self.store.mesh


def asking(
    mesh: Mesh,
    *,
    caller: Caller = ANYBODY,
    params: tuple[tuple[str, str], ...] = (),
    arguments: Mapping[str, str] | None = None,
    facts: Facts = FACTS,
) -> PageRequest:
    """What a page function is called with."""
    return PageRequest(
        mesh=mesh,
        caller=caller,
        params=Params(params),
        arguments=arguments or {},
        now=NOW,
        facts=facts,
    )


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "main"

    def handle_data(self, data: str) -> None:
        if self.depth and (line := " ".join(data.split())):
            self.lines.append(line)


def text_of(html: str) -> str:
    reader = Reader()
    reader.feed(html)
    return "\n".join(reader.lines)
