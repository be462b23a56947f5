"""/v1/acl/role and /v1/acl/roles."""

from functools import partial
from uuid import uuid4

from meshcore.acl.rules import Access
from meshcore.acl.types import Role
from meshcore.actions import acl_grants as actions
from meshcore.consul_api.acl_answers import absent, asked, named, require, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.mesh.types import Mesh
from meshcore.store.store import Action
from meshcore.wire.acl import RoleIn, read, role_out
from meshcore.wire.acl_links import links_of
from meshcore.wire.errors import Refusal


async def listed(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    policy_id = request.param("policy")
    rows = [
        role_out(record, mesh.acl)
        for _, record in sorted(mesh.acl.roles.items())
        if not policy_id or policy_id in record.value.policies
    ]
    return shown(request, rows, mesh=mesh)


async def by_id(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, named(request, "role ID"))


async def by_name(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, mesh.acl.role_ids.get(named(request, "role Name"), ""))


async def create(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, RoleIn, what="Role")
    if given.id:
        raise Refusal(400, "Role ID in URL and payload do not match")
    role = _role(given, str(uuid4()))
    return await _written(context, request, role, partial(actions.create_role, role=role))


async def update(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, RoleIn, what="Role")
    if given.id not in ("", request.suffix):
        raise Refusal(400, "Role ID in URL and payload do not match")
    role = _role(given, named(request, "role ID"))
    return await _written(context, request, role, partial(actions.update_role, role=role))


async def delete(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    action = partial(actions.delete_role, role_id=named(request, "role ID"))
    await context.store.write(action, actor=request.caller.actor)
    return Content(body=TRUE)


async def _written(context: Context, request: Request, role: Role, action: Action) -> Content:
    written = await context.store.write(action, actor=request.caller.actor)
    return _one(request, written.mesh, role.id)


def _one(request: Request, mesh: Mesh, role_id: str) -> Content:
    record = mesh.acl.roles.get(role_id)
    if record is None:
        raise absent("role")
    return shown(request, role_out(record, mesh.acl), mesh=mesh)


def _role(given: RoleIn, role_id: str) -> Role:
    return Role(id=role_id, name=given.name, description=given.description, **links_of(given))


ROUTES: Routes = {
    "/v1/acl/roles": Route(calls={"GET": listed}),
    "/v1/acl/role": Route(calls={"PUT": create}),
    "/v1/acl/role/": Route(calls={"GET": by_id, "PUT": update, "DELETE": delete}),
    "/v1/acl/role/name/": Route(calls={"GET": by_name}),
}
