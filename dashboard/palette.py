"""What Ctrl-K finds in the mesh: services, nodes and intentions, of those that the caller may see.

The browser ranks what it is given, with the pages and actions that it knows itself; here is decided
which of thousands it is given.
"""

import heapq
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from dashboard import browser, routes
from dashboard.context import provided
from dashboard.services import ROWS
from dashboard.views import log_in_first
from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.types import Intention
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import Caller

MOST = 20  # of each kind
PAGES = {"Who may call whom": "intention-matrix", "Explain a call": "intention-explain"}
CHANGES = {"New intention": "intention-new", "Import intentions": "intention-import"}
LONGEST = 200  # characters of a query: two names of services and what is between them


class Entry(msgspec.Struct, frozen=True):
    kind: str
    label: str
    hint: str
    path: str


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    found = entries(mesh, caller, request.GET.get("q", ""))
    answer = JsonResponse({"entries": msgspec.to_builtins(found)})
    answer["Cache-Control"] = "no-store"
    return answer


def entries(mesh: Mesh, caller: Caller, query: str) -> list[Entry]:
    sight = Sight(caller.authorizer)
    wanted = query[:LONGEST].lower().replace(" ", "")
    return [
        *_services(mesh, sight, wanted),
        *_nodes(mesh, sight, wanted),
        *_calls(mesh, sight, wanted),
        *_places(caller, wanted),
    ]


def _places(caller: Caller, wanted: str) -> Iterator[Entry]:
    offered = dict(PAGES)
    if caller.authorizer.allows_any(RuleKind.INTENTION, Access.WRITE):
        offered |= CHANGES
    for label in best(wanted, offered):
        kind = "action" if label in CHANGES else "page"
        yield Entry(kind, label, "", routes.path_of(offered[label]))


def _services(mesh: Mesh, sight: Sight, wanted: str) -> Iterator[Entry]:
    rows = ROWS.of(mesh)
    for name in best(wanted, sight.services(rows)):
        yield Entry("service", name, rows[name].health, routes.path_of("service", name=name))


def _nodes(mesh: Mesh, sight: Sight, wanted: str) -> Iterator[Entry]:
    nodes = mesh.registry.nodes
    for name in best(wanted, filter(sight.node, nodes)):
        yield Entry("node", name, nodes[name].value.address, routes.path_of("node", name=name))


def _calls(mesh: Mesh, sight: Sight, wanted: str) -> Iterator[Entry]:
    intentions = {
        f"{intention.source} → {intention.destination}": intention
        for record in mesh.intentions.by_destination.values()
        for intention in record.value.intentions
        if sight.intention(intention)
    }
    for label in best(wanted, intentions):
        yield Entry("intention", label, says(intentions[label]), editor_of(intentions[label]))


def says(intention: Intention) -> str:
    return intention.action or "depends on the request"


def editor_of(intention: Intention) -> str:
    asked = {"destination": intention.destination, "source": intention.source}
    return f"{routes.path_of('intention-editor')}?{urlencode(asked)}"


def best(wanted: str, names: Iterable[str]) -> list[str]:
    """Those that begin with it, then those that hold it, then those with its letters in order."""
    ranked = ((rank(wanted, name), name) for name in names)
    return [name for _, name in heapq.nsmallest(MOST, (pair for pair in ranked if pair[0] < NONE))]


NONE = 3


def rank(wanted: str, name: str) -> int:
    lower = name.lower()
    at = lower.find(wanted)
    if at >= 0:
        return 0 if at == 0 else 1
    letters = iter(lower)
    return 2 if all(letter in letters for letter in wanted) else NONE
