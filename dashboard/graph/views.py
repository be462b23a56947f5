"""What the picture is drawn from: too much to stand in the page, and nobody reads it there."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from dashboard import browser, views
from dashboard.context import provided
from meshcore.store.browser_logins import LoginEndedError

ENCODER = msgspec.json.Encoder()


@require_GET
@gzip_page
def content(request: HttpRequest) -> HttpResponse:
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return views.log_in_first(request)
    return HttpResponse(
        ENCODER.encode(context.facts.graphs.of(mesh, caller.authorizer)),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
