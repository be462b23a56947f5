"""What all of /v1/acl has in common: who may ask, and that nothing of it is kept anywhere.

None of it is a blocking query, as Consul documents; so none of it is among the kept answers.
"""

from meshcore.acl.rules import Access, RuleKind
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content, json_content
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.wire.errors import Refusal

NO_STORE = (b"cache-control", b"no-store")
KEYS = (watch.TOKENS, watch.GRANTS, watch.LOGINS)


def require_enabled(context: Context) -> None:
    if not context.callers.is_enabled:
        raise Refusal(401, "ACL support disabled")


def require(context: Context, request: Request, access: Access) -> None:
    require_enabled(context)
    request.caller.require(RuleKind.ACL, access)


async def asked(context: Context, request: Request) -> Mesh:
    """The mesh to answer from, for who may read."""
    require(context, request, Access.READ)
    return await current(context, request)


async def current(context: Context, request: Request) -> Mesh:
    if request.has("consistent"):
        return await context.store.up_to_date()
    return context.store.mesh


def shown(request: Request, value: object, *, mesh: Mesh) -> Content:
    content = json_content(value, is_pretty=request.has("pretty"))
    headers = (
        NO_STORE,
        (b"x-consul-index", str(max(mesh.touched_at(KEYS), 1)).encode()),
        (b"x-consul-knownleader", b"true"),
        (b"x-consul-lastcontact", b"0"),
    )
    return Content(body=content.body, headers=headers)


def absent(what: str) -> Refusal:
    return Refusal(404, f"Requested {what} does not exist: ACL not found")


def named(request: Request, what: str) -> str:
    """What follows in the path, which must not be empty."""
    if not request.suffix:
        raise Refusal(400, f"Missing {what}")
    return request.suffix
