"""How a browser comes to be logged in, and stops being so."""

import logging
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import browser, routes, showing
from dashboard.context import Context, provided
from dashboard.pages import Page
from dashboard.views import answered
from meshcore.acl.types import ANONYMOUS_TOKEN, Token
from meshcore.actions import logins as actions
from meshcore.lib.errors import DeniedError, MeshError, NotFoundError
from meshcore.logins import exchange
from meshcore.logins.exchange import Exchange
from meshcore.store import browser_logins
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import UnknownTokenError

WRONG_TOKEN = "This is no token of this mesh, or its time is over."  # noqa: S105 a sentence
NEEDS_TOKEN = "which token? Name its file by --token-file, or set TULLE_HTTP_TOKEN"  # noqa: S105
USED_LINK = "This link was used already, or is older than a minute. Run `tulle ui` again."

logger = logging.getLogger(__name__)


class TooManyAttemptsError(MeshError):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many attempts to log in. Try again in {wait_s} s.")
        self.wait_s = wait_s


@require_http_methods(["GET", "HEAD", "POST"])
async def log_in(request: HttpRequest) -> HttpResponseBase:
    context = provided()
    if not context.callers.is_enabled:
        return HttpResponseRedirect(routes.ROOT)
    if request.method != "POST":
        return login_page(request, notice=ended(context, request))
    try:
        cookie = await proved(context, request)
    except TooManyAttemptsError as error:
        answer = login_page(request, problem=str(error), status=HTTPStatus.TOO_MANY_REQUESTS)
        answer["Retry-After"] = str(error.wait_s)
        return answer
    except MeshError as error:
        return login_page(request, problem=str(error), status=HTTPStatus.FORBIDDEN)
    return entered(context, request, cookie, to=request.POST.get("next", ""))


async def proved(context: Context, request: HttpRequest) -> str:
    """The cookie for the token, or the proof of identity, in the form; raise what is wrong."""
    now, peer = datetime.now(UTC), request.META.get("REMOTE_ADDR", "")
    wait_s = context.attempts.wait_s(peer, now=now)
    if wait_s:
        raise TooManyAttemptsError(wait_s)
    try:
        if method := request.POST.get("method"):
            token = await exchanged(context, method, request.POST.get("bearer", "").strip())
            return browser_logins.begin_with(context.callers, token, now=now)
        return browser_logins.begin(context.callers, request.POST.get("token", "").strip(), now=now)
    except DeniedError as error:
        context.attempts.failed(peer, now=now)
        logger.warning("a login from %s was refused", peer)
        if isinstance(error, UnknownTokenError):
            raise UnknownTokenError(WRONG_TOKEN) from None
        raise


async def exchanged(context: Context, method_name: str, bearer: str) -> Token:
    method = context.store.mesh.acl.auth_method(method_name)
    if method is None:
        raise DeniedError(f'there is no auth method "{method_name}"')
    made = await exchange.log_in(
        Exchange(
            store=context.store,
            callers=context.callers,
            key_sets=context.key_sets,
            datacenter=context.facts.datacenter,
        ),
        method,
        bearer,
    )
    return made.token


def entered(context: Context, request: HttpRequest, cookie: str, *, to: str) -> HttpResponse:
    answer = HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": browser.safe_next(to)})
    browser.remember(request, answer, cookie, secure=context.hosts.is_secure)
    return answer


def ended(context: Context, request: HttpRequest) -> str:
    """Why the login that the browser still holds is over, if it is."""
    try:
        browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=context.store.mesh)
    except browser.NotLoggedInError:
        return ""
    except LoginEndedError as error:
        return f"Please log in again: {error}."
    return ""


def login_page(
    request: HttpRequest, *, problem: str = "", notice: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    mesh = provided().store.mesh
    asked = request.POST if request.method == "POST" else request.GET
    page = Page(
        template="dashboard/login.html",
        title="Log in",
        context={
            "problem": problem,
            "notice": notice,
            "next": browser.safe_next(asked.get("next", "")),
            "methods": [
                {"name": name, "label": record.value.display_name or name}
                for name, record in sorted(mesh.acl.auth_methods.items())
            ],
            "csrf_token": get_token(request),
        },
        watch_keys=(),
    )
    return answered(request, showing.shown(page, status=status), mesh=mesh)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Forget the login; a token that was made for it ends too."""
    context = provided()
    answer = HttpResponseRedirect(f"{routes.ROOT}login")
    answer.status_code = HTTPStatus.SEE_OTHER
    browser.forget(answer)
    try:
        caller = browser.caller(
            context, request.COOKIES.get(browser.COOKIE, ""), mesh=context.store.mesh
        )
    except LoginEndedError:
        return answer
    token = context.store.mesh.acl.token(caller.accessor_id)
    if token is not None and token.auth_method:
        action = partial(actions.logout, accessor_id=token.accessor_id)
        context.store.write_from_thread(action, actor=caller.actor)
    return answer


@csrf_exempt  # it takes no cookie: who asks shows the token in a header, as no form can
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """A link that logs in whoever opens it first, within a minute: what `tulle ui` opens."""
    context = provided()
    now, peer = datetime.now(UTC), request.META.get("REMOTE_ADDR", "")
    if not context.callers.is_enabled:
        return JsonResponse({"url": request.build_absolute_uri(routes.ROOT)})
    wait_s = context.attempts.wait_s(peer, now=now)
    if wait_s:
        answer = JsonResponse({"error": str(TooManyAttemptsError(wait_s))}, status=429)
        answer["Retry-After"] = str(wait_s)
        return answer
    try:
        token = context.callers.token(request.headers.get("X-Consul-Token", ""))
    except UnknownTokenError as error:
        context.attempts.failed(peer, now=now)
        return JsonResponse({"error": str(error)}, status=403)
    if token.accessor_id == ANONYMOUS_TOKEN:
        return JsonResponse({"error": NEEDS_TOKEN}, status=403)
    code = context.links.made(token, now=now)
    return JsonResponse({"url": request.build_absolute_uri(f"{routes.ROOT}enter/{code}")})


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """Log in by a link at once where a person opened it, else after a button was pressed.

    A preview of the link, or a page that leads a browser to it, must neither use it up nor log
    somebody in as somebody else.
    """
    context = provided()
    if request.method != "POST" and not was_opened_by_hand(request):
        return enter_page(request)
    now = datetime.now(UTC)
    token = context.links.used(code, mesh=context.store.mesh, now=now)
    if token is None:
        shown = showing.refused(NotFoundError(USED_LINK))
        return answered(request, shown, mesh=context.store.mesh)
    cookie = browser_logins.begin_with(context.callers, token, now=now)
    return entered(context, request, cookie, to="")


def was_opened_by_hand(request: HttpRequest) -> bool:
    """From the address bar, a bookmark or another program, and not ahead of time."""
    return (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "none"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and "Sec-Purpose" not in request.headers
    )


def enter_page(request: HttpRequest) -> HttpResponse:
    page = Page(
        template="dashboard/enter.html",
        title="Log in",
        context={"csrf_token": get_token(request)},
        watch_keys=(),
    )
    return answered(request, showing.shown(page), mesh=provided().store.mesh)
