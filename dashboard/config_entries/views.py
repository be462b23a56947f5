"""What the editor of a config entry sends while somebody types in it, or fills in its form."""

import asyncio

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from dashboard import browser, doing
from dashboard.config_entries.editor import edited, with_field
from dashboard.config_entries.page import language_in
from dashboard.config_entries.verbs import index_in, text_in
from dashboard.context import provided
from dashboard.doing import Asked
from dashboard.views import log_in_first
from meshcore.lib.errors import MeshError
from meshcore.store.browser_logins import LoginEndedError

FIELD = "field."


@require_POST
async def draft(request: HttpRequest) -> HttpResponse:
    """What saving the text would do; with a changed field also the text that follows from it."""
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    try:
        asked = doing.asked_in(request, context, caller, mesh)
        html = await asyncio.to_thread(rendered, asked, request.headers.get("HX-Trigger-Name", ""))
    except MeshError as error:
        return doing.refused(error)
    return HttpResponse(html)


def rendered(asked: Asked, trigger: str) -> str:
    form = asked.form
    kind, language = form.get("kind"), language_in(form.get("language"))
    text = text_in(asked)
    is_by_form = trigger.startswith(FIELD)
    if is_by_form:
        path = trigger.removeprefix(FIELD)
        text = with_field(text, kind=kind, path=path, value=form.get(trigger), language=language)
    editor = edited(
        asked.mesh,
        asked.caller,
        kind=kind,
        name=form.get("name"),
        index=index_in(asked),
        text=text,
        language=language,
    )
    return render_to_string(
        "dashboard/config/draft.html",
        {"editor": editor, "sends_text": is_by_form, "sends_fields": not is_by_form},
    )
