"""The dashboard as a browser asks it, in process, over a store of its own."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from uuid import uuid4

import msgspec
from django.http import HttpResponse
from django.test import Client
from msgspec.structs import replace

from dashboard.browser import COOKIE
from dashboard.facts import Facts
from dashboard.pages import PageRequest
from dashboard.params import Params
from meshcore.acl.authorizer import Authorizer, compiled
from meshcore.acl.parsing import parse
from meshcore.acl.types import GLOBAL_MANAGEMENT, Policy, Token
from meshcore.actions import acl, acl_grants
from meshcore.mesh.types import Mesh, Value
from meshcore.store import browser_logins
from meshcore.store.callers import ANYBODY, Caller, Callers
from meshcore.store.graphs import seen_by
from meshcore.store.store import Action, Store
from meshcore.topology.graph import drawn
from meshcore.topology.live import Seen, live
from meshcore.topology.placing import missing, placed
from meshcore.topology.types import Graph, LiveGraph
from meshcore.traffic.live import Traffic
from tests.topology.meshes import NODE, change

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class DrawnAnew:
    """Pictures for pages that are given a mesh without a store."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic

    def of(self, mesh: Mesh, authorizer: Authorizer) -> Graph:
        return seen_by(authorizer, in_place(drawn(mesh, default_allow=False).graph, mesh))

    def live(self, mesh: Mesh, authorizer: Authorizer, *, now_s: float) -> LiveGraph:
        drawing = drawn(mesh, default_allow=False)
        seen = Seen(self.traffic.edges(now_s=now_s), self.traffic.vertices(now_s=now_s))
        whole = live(drawing, in_place(drawing.graph, mesh), seen, default_allow=False)
        return seen_by(authorizer, whole)


def in_place(graph: Graph, mesh: Mesh) -> Graph:
    return placed(graph, mesh.places, missing(graph, mesh.places))


TRAFFIC = Traffic()


FACTS = Facts(
    datacenter="dc1",
    node_name="node-1",
    version="0.1.0",
    started_at=NOW,
    default_allow=False,
    acl_enabled=True,
    acl_default_allow=False,
    graphs=DrawnAnew(TRAFFIC),
    traffic=TRAFFIC,
)


MANAGEMENT = (GLOBAL_MANAGEMENT,)


class Dashboard(msgspec.Struct, frozen=True):
    """One browser, and the store that the pages it opens are of."""

    store: Store
    callers: Callers
    client: Client

    def get(self, path: str, **headers: str) -> HttpResponse:
        answer = self.client.get(path, headers=headers)
        assert isinstance(answer, HttpResponse)
        return answer

    def post(self, path: str, form: Mapping[str, str | list[str]], **headers: str) -> HttpResponse:
        answer = self.client.post(path, form, headers=headers)
        assert isinstance(answer, HttpResponse)
        return answer

    def holding(self, rules: str) -> "Dashboard":
        """Another browser, logged in with a new token that these rules are all of."""
        number = len(self.store.mesh.acl.policies)
        policy = Policy(id=str(uuid4()), name=f"policy-{number}", rules=rules)
        self.write(partial(acl_grants.create_policy, policy=policy))
        return self.logged_in(self.token(policies=(policy.id,)))

    def token(self, *, policies: tuple[str, ...] = (), expires_at: datetime | None = None) -> str:
        """Make a token and return its secret."""
        secret, accessor_id = str(uuid4()), str(uuid4())
        token = Token(
            accessor_id=accessor_id,
            secret_hash=self.callers.hashed(secret),
            sealed_secret=self.callers.sealed(secret, accessor_id=accessor_id),
            created_at=datetime.now(UTC),
            policies=policies,
            expires_at=expires_at,
        )
        self.write(partial(acl.create_token, token=token))
        return secret

    def logged_in(self, secret: str) -> "Dashboard":
        client = Client()
        client.cookies[COOKIE] = browser_logins.begin(self.callers, secret, now=datetime.now(UTC))
        return replace(self, client=client)

    def accessor_of(self, secret: str) -> str:
        return self.callers.token(secret).accessor_id

    def revoke(self, secret: str) -> None:
        now = datetime.now(UTC)
        self.write(
            partial(acl.delete_token, accessor_id=self.accessor_of(secret), now=now, is_forced=True)
        )

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


def holder(rules: str) -> Caller:
    """Whoever has a token that these rules are all of."""
    return Caller(str(uuid4()), compiled([parse(rules)], default_allow=False))


def put(dashboard: Dashboard, *values: Iterable[Value]) -> Mesh:
    """Have these values in the mesh, as one entry of the log."""
    changes = [change(value) for group in ([NODE], *values) for value in group]
    return dashboard.write(lambda _mesh: changes)


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
