"""Who asks: by a token in a header, or from a browser that is logged in to the dashboard."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from meshcore.acl import denial
from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.types import ANONYMOUS_TOKEN
from meshcore.lib.errors import DeniedError
from meshcore.mesh.types import Mesh
from meshcore.rest_api.context import provided
from meshcore.store import browser_logins
from meshcore.store.callers import Caller

SAFE = ("GET", "HEAD")
# Of what the mesh is made of: who may read none of these has no business here.
OF_THE_MESH = (
    RuleKind.SERVICE,
    RuleKind.NODE,
    RuleKind.INTENTION,
    RuleKind.MESH,
    RuleKind.OPERATOR,
    RuleKind.ACL,
)


class Presented(BaseAuthentication):
    """Gives a view its caller, and the mesh that the caller's rights and the answer are of."""

    def authenticate(self, request: Request) -> tuple[Caller, Mesh]:
        context = provided()
        mesh = context.store.mesh
        secret = secret_in(request)
        cookie = request.COOKIES.get(browser_logins.COOKIE, "")
        if secret or not cookie or not context.callers.is_enabled:
            return context.callers.caller(secret, mesh=mesh), mesh
        # A browser adds its cookie to whatever any page makes it send, but a header to nothing.
        if request.method not in SAFE:
            require_csrf_token(request)
        now = datetime.now(UTC)
        return browser_logins.caller(context.callers, cookie, mesh=mesh, now=now), mesh


def secret_in(request: Request) -> str:
    """Never from the URL, which ends up in logs."""
    own = request.headers.get("X-Consul-Token", "")
    if own:
        return str(own)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else ""


def no_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def require_csrf_token(request: Request) -> None:
    check = CSRFCheck(no_view)
    check.process_request(request._request)
    reason = check.process_view(request._request, no_view, (), {})
    if reason:
        raise DeniedError(f"a login's cookie does not prove that you mean it: {reason}")


def caller_of(request: Request) -> Caller:
    assert isinstance(request.user, Caller)
    return request.user


def mesh_of(request: Request) -> Mesh:
    assert isinstance(request.auth, Mesh)
    return request.auth


def require_any(request: Request, *kinds: RuleKind) -> None:
    """Refuse a list to whoever would see nothing of it, whatever were in it."""
    caller = caller_of(request)
    if not any(caller.authorizer.allows_any(kind, Access.READ) for kind in kinds):
        accessor_id = caller.accessor_id or ANONYMOUS_TOKEN
        raise denial.denied(kinds[0], Access.READ, accessor_id=accessor_id)
