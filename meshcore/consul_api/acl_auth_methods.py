"""/v1/acl/auth-method and /v1/acl/auth-methods."""

from functools import partial

from meshcore.acl.rules import Access
from meshcore.actions import auth_methods as actions
from meshcore.consul_api.acl_answers import absent, asked, named, require, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.logins.usable import require_usable
from meshcore.logins.verification import reviewer_place
from meshcore.mesh.types import Mesh
from meshcore.wire.acl import read
from meshcore.wire.auth_methods import (
    AuthMethodIn,
    auth_method_of,
    auth_method_out,
    auth_method_stub_out,
)
from meshcore.wire.errors import Refusal


async def listed(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    records = (record for _, record in sorted(mesh.acl.auth_methods.items()))
    return shown(request, [auth_method_stub_out(record) for record in records], mesh=mesh)


async def by_name(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, named(request, "auth method name"))


async def create(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, AuthMethodIn, what="AuthMethod")
    return await _written(context, request, given, given.name)


async def update(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, AuthMethodIn, what="AuthMethod")
    if given.name not in ("", request.suffix):
        raise Refusal(400, "AuthMethod Name in URL and payload do not match")
    return await _written(context, request, given, named(request, "auth method name"))


async def delete(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    action = partial(actions.delete_method, name=named(request, "auth method name"))
    await context.store.write(action, actor=request.caller.actor)
    return Content(body=TRUE)


async def _written(context: Context, request: Request, given: AuthMethodIn, name: str) -> Content:
    before = context.store.mesh.acl.auth_method(name)
    method = auth_method_of(
        given,
        name=name,
        before=before.config if before else None,
        seal=partial(context.callers.sealed_for, reviewer_place(name)),
    )
    require_usable(method)
    action = partial(actions.put_method, method=method)
    done = await context.store.write(action, actor=request.caller.actor)
    return _one(request, done.mesh, name)


def _one(request: Request, mesh: Mesh, name: str) -> Content:
    record = mesh.acl.auth_methods.get(name)
    if record is None:
        raise absent("auth method")
    return shown(request, auth_method_out(record), mesh=mesh)


ROUTES: Routes = {
    "/v1/acl/auth-methods": Route(calls={"GET": listed}),
    "/v1/acl/auth-method": Route(calls={"PUT": create}),
    "/v1/acl/auth-method/": Route(calls={"GET": by_name, "PUT": update, "DELETE": delete}),
}
