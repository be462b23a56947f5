"""Why one call is allowed or denied: the page that answers it for a request that one thinks up."""

import shlex
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import msgspec

from dashboard.intentions.editor import METHODS, suggestions
from dashboard.pages import Page, PageRequest
from dashboard.params import Params
from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.requests import joined
from meshcore.intentions.types import Request
from meshcore.lib.errors import InvalidError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.topology.doubts import doubts
from meshcore.topology.explain import Explanation, explain
from meshcore.topology.types import Deciding

MOST_OTHERS = 5
WATCH_KEYS = (watch.ALL_INTENTIONS, watch.CONFIG_ENTRIES, watch.INSTANCES)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One intention, or one of its permissions, in the order in which they were looked at."""

    title: str
    source: str
    destination: str
    precedence: int
    why: str
    verdict: str = ""  # of the one that decides
    permission: int | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the form holds."""

    source: str
    destination: str
    method: str
    path: str
    headers: str  # a line for each

    @property
    def has_request(self) -> bool:
        return bool(self.method or self.path or self.headers)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    found: Explanation
    verdict: str  # as the parts show it
    lines: tuple[Line, ...]
    others: int  # intentions about other callers that are not listed
    doubts: tuple[str, ...]
    may_write: bool
    curl: str
    command: str  # the nearest thing on the command line; none knows of requests


def explained(request: PageRequest) -> Page:
    asked = asked_in(request.params)
    answer, problem = None, ""
    if asked.source or asked.destination:
        try:
            answer = answered(request, asked)
        except InvalidError as refusal:
            problem = str(refusal)
    return Page(
        template="dashboard/intentions/explain.html",
        title="Explain a call",
        context={
            "asked": asked,
            "answer": answer,
            "problem": problem,
            "methods": METHODS,
            "services": suggestions(request.mesh, request.caller),
        },
        watch_keys=WATCH_KEYS,
    )


def summary(request: PageRequest) -> Page:
    """The answer alone, for the panel."""
    asked = asked_in(request.params)
    return Page(
        template="dashboard/intentions/answer.html",
        title=f"{asked.source} → {asked.destination}",
        context={"asked": asked, "answer": answered(request, asked)},
        watch_keys=WATCH_KEYS,
    )


def asked_in(params: Params) -> Asked:
    return Asked(
        source=params.get("source").strip(),
        destination=params.get("destination").strip(),
        method=params.get("method").strip().upper(),
        path=params.get("path").strip(),
        headers="\n".join(line for text in params.all("header") for line in text.splitlines()),
    )


def answered(request: PageRequest, asked: Asked) -> Answer:
    require_either_end(request, asked)
    call = call_of(asked)
    found = explain(
        request.mesh,
        asked.source,
        asked.destination,
        request=call,
        default_allow=request.facts.default_allow,
        may_read=Sight(request.caller.authorizer).intention,
    )
    may_see = partial(request.caller.may, RuleKind.SERVICE, Access.READ)
    said = doubts(request.mesh, asked.source, asked.destination, request=call, may_see=may_see)
    return Answer(
        found=found,
        verdict=f"default-{found.verdict}" if found.by_default else found.verdict,
        lines=tuple(lines(found)),
        others=max(0, sum(each.permission is None for each in found.tried) - MOST_OTHERS),
        doubts=tuple(said),
        may_write=request.caller.may(RuleKind.INTENTION, Access.WRITE, asked.destination),
        curl=curl(asked),
        command=shlex.join(("tulle", "intention", "check", asked.source, asked.destination)),
    )


def require_either_end(request: PageRequest, asked: Asked) -> None:
    """Who may read the intentions of one end may ask, so that each can find out what is wrong."""
    for end, name in (("source", asked.source), ("destination", asked.destination)):
        if not name:
            raise InvalidError(f"{end} is missing: which service?")
    caller = request.caller
    if not caller.may(RuleKind.INTENTION, Access.READ, asked.source):
        caller.require(RuleKind.INTENTION, Access.READ, asked.destination)


def call_of(asked: Asked) -> Request | None:
    if not asked.has_request:
        return None
    return Request(
        method=asked.method or "GET",
        path=asked.path or "/",
        headers=joined(header(line) for line in asked.headers.splitlines() if line.strip()),
    )


def header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not (name.strip() and colon):
        raise InvalidError(f'"{line}" is no header: write name: value')
    return name.strip(), value.strip()


def lines(found: Explanation) -> Iterator[Line]:
    """What was tried, and then what decided; of what is about other callers, only the first."""
    about_others = [each for each in found.tried if each.permission is None]
    left_out = {id(each) for each in about_others[MOST_OTHERS:]}
    for tried in found.tried:
        if id(tried) not in left_out:
            yield line(tried.intention, tried.permission, why=tried.why)
    if found.intention is not None and not found.by_default:
        yield line(
            found.intention, found.permission, why="it decides the call", verdict=found.verdict
        )


def line(which: Deciding, permission: int | None, *, why: str, verdict: str = "") -> Line:
    title = f"{which.source} → {which.destination}"
    return Line(
        title=title if permission is None else f"{title}, permission {permission + 1}",
        source=which.source,
        destination=which.destination,
        precedence=which.precedence,
        why=why,
        verdict=verdict,
        permission=permission,
    )


def curl(asked: Asked) -> str:
    """The same question to the API; what is encoded for a URL holds nothing that a shell reads."""
    pairs = {"source": asked.source, "destination": asked.destination}
    pairs |= {"method": asked.method, "path": asked.path}
    query = urlencode([pair for pair in pairs.items() if pair[1]])
    for each in asked.headers.splitlines():
        query += f"&{urlencode({'header': each})}" if each.strip() else ""
    return (
        f'curl -H "X-Consul-Token: $TULLE_HTTP_TOKEN" "http://$TULLE_HTTP_ADDR/api/explain?{query}"'
    )
