"""One view for all pages: who asks, of which moment, and what is shown."""

from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from dashboard import browser, display, doing, routes, showing
from dashboard.context import provided
from dashboard.exports import exported
from dashboard.showing import Shown
from dashboard.verbs import VERBS
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import Caller


def page(request: HttpRequest) -> HttpResponse:
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    shown = showing.show(
        context.facts, raw_path(request), request.META["QUERY_STRING"], mesh=mesh, caller=caller
    )
    if shown.listing is not None and "format" in request.GET:
        try:
            return exported(shown.listing, request.GET["format"])
        except InvalidError as error:
            shown = showing.refused(error)
    return answered(request, shown, mesh=mesh, caller=caller)


@require_POST
async def do(request: HttpRequest, verb: str) -> HttpResponse:
    context = provided()
    mesh = context.store.mesh
    try:
        caller = browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=mesh)
    except LoginEndedError:
        return log_in_first(request)
    if verb not in VERBS:
        return doing.refused(NotFoundError(f'nothing is called "{verb}" that could be done'))
    return await doing.answer(VERBS[verb], doing.asked_in(request, context, caller, mesh))


def log_in_first(request: HttpRequest) -> HttpResponse:
    """And come back to the page on which it was asked."""
    page = urlsplit(request.headers.get("HX-Current-URL", request.get_full_path()))
    back = urlunsplit(("", "", page.path, page.query, ""))
    place = f"{routes.ROOT}login?{urlencode({'next': back})}"
    if "HX-Request" in request.headers:  # a redirect would be followed into the piece of a page
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": place})
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": place})


def answered(
    request: HttpRequest, shown: Shown, *, mesh: Mesh, caller: Caller | None = None
) -> HttpResponse:
    """The page alone where a script asks for it, else in its shell."""
    content = shown.content
    if showing.FRAGMENT in request.GET or "HX-Request" in request.headers:
        html = format_html("<title>{}</title>{}", content.title, content.markup)
    else:
        html = render_to_string(
            "dashboard/base.html",
            {**shell(shown, mesh=mesh, caller=caller), "display": display.chosen(request.COOKIES)},
            request=request,
        )
    return HttpResponse(
        html,
        status=shown.status,
        headers={
            "Cache-Control": "no-store",
            "Vary": "HX-Request",
            "Tulle-Index": str(mesh.index),
            "Tulle-Version": content.version,
        },
    )


def shell(shown: Shown, *, mesh: Mesh, caller: Caller | None) -> dict[str, object]:
    """What base.html is filled with: all that is around a page."""
    facts = provided().facts
    token = mesh.acl.token(caller.accessor_id) if caller else None
    return {
        "title": shown.content.title,
        "main": shown.content.markup,
        "version": shown.content.version,
        "is_filtered": shown.is_filtered,
        "index": mesh.index,
        "rail": [
            {
                "name": item.name,
                "label": item.label,
                "letter": item.letter,
                "path": routes.path_of(item.name),
                "is_current": item.name == shown.rail,
            }
            for item in routes.RAIL
            if caller is not None and item.is_for(caller)
        ],
        "accessor_id": caller.accessor_id if caller else "",
        "login_description": token.description if token else "",
        "facts": facts,
    }


def raw_path(request: HttpRequest) -> str:
    """As it stands in the URL; other servers than ASGI's give it decoded alone."""
    if isinstance(request, ASGIRequest):
        raw: bytes | None = request.scope.get("raw_path")
        if raw is not None:
            return raw.decode("latin-1")
    return quote(request.path)
