"""What the forms of the access section send while somebody fills them in."""

import asyncio
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from dashboard import browser, doing
from dashboard.access import linked_pages, method_draft, policy_draft, rule_draft
from dashboard.access.linked_draft import draft_in
from dashboard.access.uses import of_policies, uses
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


def policy(asked: Asked) -> str:
    draft = policy_draft.draft_in(asked.form)
    shown = policy_draft.context(
        asked.mesh,
        draft,
        asked.form,
        default_allow=asked.context.facts.acl_default_allow,
    )
    may_edit = asked.caller.may(RuleKind.ACL, Access.WRITE) and not draft.is_builtin
    users = uses(asked.mesh.acl, of_policies, draft.key)
    return render_to_string(
        "dashboard/access/policy_draft.html", {**shown, "may_edit": may_edit, "users": users}
    )


def rule(asked: Asked) -> str:
    shown = rule_draft.context(asked.mesh, rule_draft.draft_in(asked.form))
    may_edit = asked.caller.may(RuleKind.ACL, Access.WRITE)
    return render_to_string("dashboard/access/rule_draft.html", {**shown, "may_edit": may_edit})


def method(asked: Asked) -> str:
    """Without what was typed: there may be a reviewer's token in it."""
    draft = method_draft.draft_in(asked.form)
    shown = {
        "draft": draft,
        "preview": method_draft.preview(asked.mesh, draft),
        "may_edit": asked.caller.may(RuleKind.ACL, Access.WRITE),
    }
    return render_to_string("dashboard/access/method_preview.html", shown)


@require_POST
def check_rules(request: HttpRequest) -> JsonResponse:
    """It says nothing of the mesh, but takes work: whoever is logged in may ask."""
    context = provided()
    browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=context.store.mesh)
    text = request.POST.get("text", "")
    mistake = policy_draft.mistake_in(text) if len(text) <= policy_draft.LONGEST else None
    found = [{"line": mistake.line, "sentence": mistake.sentence}] if mistake else []
    return JsonResponse({"mistakes": found})


DRAFTS: Mapping[str, Callable[[Asked], str]] = {
    "linked": linked,
    "method": method,
    "policy": policy,
    "rule": rule,
}
