"""Intentions as the file that brings them back: whole documents, for half of one would delete."""

from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard import browser, params, showing, views
from dashboard.context import provided
from dashboard.intentions.listed import IntentionRow
from meshcore.acl.rules import Access, RuleKind
from meshcore.mesh.texts import as_yaml
from meshcore.mesh.types import Mesh
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import Caller

LIST = "/ui/intentions"


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Everything toward the destinations that are in the list, with the same filters."""
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return views.log_in_first(request)
    query = request.META["QUERY_STRING"]
    shown = showing.show(context.facts, LIST, query, mesh=mesh, caller=caller)
    if shown.listing is None:
        return views.answered(request, shown, mesh=mesh, caller=caller)
    text = exported(mesh, caller, shown.listing.matching)
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name(query)}"'},
    )


def exported(mesh: Mesh, caller: Caller, rows: Sequence[IntentionRow]) -> str:
    names = sorted({row.destination for row in rows})
    readable = (name for name in names if caller.may(RuleKind.INTENTION, Access.READ, name))
    entries = (mesh.intentions.to(name) for name in readable)
    return "---\n".join(as_yaml(entry) for entry in entries if entry is not None)


def file_name(query: str) -> str:
    destinations = params.parse(query).all("destination")
    is_one = len(destinations) == 1 and destinations[0] != "*"
    return f"intentions-{quote(destinations[0], safe='')}.yaml" if is_one else "intentions.yaml"
