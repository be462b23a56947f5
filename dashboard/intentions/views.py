"""What the editor sends while somebody fills it in, and when it is saved."""

import asyncio
from collections.abc import Mapping
from functools import partial

import msgspec
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from dashboard import browser, doing
from dashboard.context import provided
from dashboard.doing import Asked
from dashboard.intentions import editor as editing
from dashboard.intentions.draft import Draft
from dashboard.intentions.drafting import Drafted, drafted, fresh, from_text
from dashboard.intentions.fields import Form, draft_in, form_of
from dashboard.intentions.saving import command_of, write
from dashboard.intentions.typed import Language
from dashboard.views import log_in_first
from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.wording import sentences
from meshcore.lib.errors import ConflictError, MeshError
from meshcore.mesh.types import Mesh
from meshcore.store.browser_logins import LoginEndedError

SAVE = "save"


class Outcome(msgspec.Struct, frozen=True):
    """The form to show next, of this mesh, and what to say in the corner."""

    drafted: Drafted
    mesh: Mesh
    headers: Mapping[str, str] = {}


@require_POST
async def draft(request: HttpRequest) -> HttpResponse:
    """The form as it is now, with what saving it would do."""
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    try:
        return await answered(doing.asked_in(request, context, caller, mesh))
    except MeshError as error:
        return doing.refused(error)


async def answered(asked: Asked) -> HttpResponse:
    form = form_of(asked.form.pairs)
    sent = draft_in(form)
    asked.caller.require(RuleKind.INTENTION, Access.WRITE, sent.destination)
    is_saved = form.text("do") == SAVE
    outcome = await saved(asked, sent) if is_saved else understood(asked.mesh, form, sent)
    html = await asyncio.to_thread(rendered, asked, form, outcome)
    return HttpResponse(html, headers=dict(outcome.headers))


def understood(mesh: Mesh, form: Form, sent: Draft) -> Outcome:
    present = mesh.intentions.by_destination.get(sent.destination)
    if form.has("text"):
        text = form.values["text"][0]
        return Outcome(from_text(sent, present, text=text, language=language_of(form)), mesh)
    return Outcome(drafted(sent, present, button=form.text("do")), mesh)


async def saved(asked: Asked, sent: Draft) -> Outcome:
    """Written only if nobody else has since the draft began; else theirs is shown beside it."""
    before = asked.mesh.intentions.to(sent.destination)
    try:
        written = await asked.write(partial(write, draft=sent, now=asked.now, cas=sent.index))
    except ConflictError:
        mesh = asked.context.store.mesh
        present = mesh.intentions.by_destination.get(sent.destination)
        text = "Not saved: somebody else was faster. Choose what is to be kept."
        return Outcome(drafted(sent, present), mesh, doing.toast(text, kind="error"))
    mesh = asked.context.store.mesh
    said = [sentence for change in written.changes for sentence in sentences(change)]
    more = f", and {len(said) - 1} more" if len(said) > 1 else ""
    toast = doing.toast(
        f"Saved: {said[0]}{more}" if said else "Nothing was changed",
        kind="done",
        command=command_of(sent, before),
        undo=doing.undoable(written),
    )
    present = mesh.intentions.by_destination.get(sent.destination)
    return Outcome(Drafted(fresh(present, sent.destination)), mesh, toast)


def rendered(asked: Asked, form: Form, outcome: Outcome) -> str:
    shown = editing.editor(
        outcome.mesh,
        asked.caller,
        outcome.drafted,
        language=language_of(form),
        now=asked.now,
        facts=asked.context.facts,
        find=form.text("find"),
    )
    context = editing.context(shown, outcome.mesh, asked.caller)
    reason = "" if form.text("do") == SAVE else asked.form.get("reason")
    return render_to_string("dashboard/intentions/draft.html", {**context, "reason": reason})


def language_of(form: Form) -> Language:
    return "hcl" if form.text("language") == "hcl" else "yaml"
