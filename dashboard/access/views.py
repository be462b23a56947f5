"""What the forms of the access section send while somebody fills them in."""

import asyncio
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from dashboard import browser, doing
from dashboard.access import linked_pages
from dashboard.access.linked_draft import draft_in
from dashboard.context import provided
from dashboard.doing import Asked
from dashboard.views import log_in_first
from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import MeshError, NotFoundError
from meshcore.store.browser_logins import LoginEndedError


@require_POST
async def draft(request: HttpRequest, what: str) -> HttpResponse:
    """The form, or a part of it, with what saving it would do."""
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    try:
        caller.require(RuleKind.ACL, Access.READ)
        if what not in DRAFTS:
            raise NotFoundError(f'nothing is called "{what}" that could be drafted')
        asked = doing.asked_in(request, context, caller, mesh)
        return HttpResponse(await asyncio.to_thread(DRAFTS[what], asked))
    except MeshError as error:
        return doing.refused(error)


def linked(asked: Asked) -> str:
    shown = linked_pages.context(
        asked.mesh,
        asked.caller,
        draft_in(asked.form),
        now=asked.now,
        datacenter=asked.context.facts.datacenter,
    )
    reason = asked.form.get("reason")
    return render_to_string("dashboard/access/linked_draft.html", {**shown, "reason": reason})


DRAFTS: Mapping[str, Callable[[Asked], str]] = {"linked": linked}
