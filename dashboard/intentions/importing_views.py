"""The import form: planned at each change of the text, written as a whole or not at all."""

import asyncio
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from dashboard import browser, doing
from dashboard.context import provided
from dashboard.doing import Asked
from dashboard.intentions.importing import Import, planned
from dashboard.views import log_in_first
from meshcore.actions import config_entries
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.store.browser_logins import LoginEndedError

APPLY = "apply"
LARGEST_FILE = 2_000_000  # bytes


@require_POST
async def bring(request: HttpRequest) -> HttpResponse:
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    try:
        return await answered(doing.asked_in(request, context, caller, mesh), text_in(request))
    except MeshError as error:
        return doing.refused(error)


def text_in(request: HttpRequest) -> str:
    """A file that was chosen takes the place of what is in the field."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if (file.size or 0) > LARGEST_FILE:
        raise InvalidError(f"{file.name} is larger than {LARGEST_FILE} bytes")
    try:
        content: str = file.read().decode()
    except UnicodeDecodeError:
        raise InvalidError(f"{file.name} is no text in UTF-8") from None
    return content


async def answered(asked: Asked, text: str) -> HttpResponse:
    found = await asyncio.to_thread(planned, asked.mesh, asked.caller, text, now=asked.now)
    if asked.form.get("do") != APPLY or not found.can_apply:
        return HttpResponse(rendered(found, reason=asked.form.get("reason")))
    action = partial(config_entries.apply, entries=found.entries, now=asked.now)
    written = await asked.write(action)
    count = len(written.changes)
    headers = doing.toast(
        f"{count} {'entry' if count == 1 else 'entries'} written",
        kind="done",
        command="tulle apply -f intentions.yaml",
        undo=doing.undoable(written),
    )
    return HttpResponse(rendered(Import()), headers=headers)


def rendered(found: Import, *, reason: str = "") -> str:
    context = {"shown": found, "reason": reason}
    return render_to_string("dashboard/intentions/import_form.html", context)
