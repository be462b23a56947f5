"""Who a browser is logged in as: the cookie that it brings, and the one that it is given."""

from datetime import UTC, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from dashboard import routes
from dashboard.context import Context
from meshcore.mesh.types import Mesh
from meshcore.store import browser_logins
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import ANYBODY, Caller

COOKIE = browser_logins.COOKIE


class NotLoggedInError(LoginEndedError):
    pass


def caller(context: Context, cookie: str, *, mesh: Mesh) -> Caller:
    """Raise LoginEndedError, or NotLoggedInError where there was no login."""
    if not context.callers.is_enabled:
        return ANYBODY
    if not cookie:
        raise NotLoggedInError("you are not logged in")
    return browser_logins.caller(context.callers, cookie, mesh=mesh, now=datetime.now(UTC))


def remember(request: HttpRequest, answer: HttpResponseBase, cookie: str, *, secure: bool) -> None:
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=browser_logins.LIFETIME,
        secure=secure or request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def forget(answer: HttpResponseBase) -> None:
    answer.delete_cookie(COOKIE, samesite="Strict")


def safe_next(path: str) -> str:
    """Where to go after a login: a page of ours, whatever the link said."""
    is_ours = path.startswith(routes.ROOT) and url_has_allowed_host_and_scheme(path, None)
    return path if is_ours else routes.ROOT
