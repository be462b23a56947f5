"""/v1/acl/policy and /v1/acl/policies."""

from functools import partial
from uuid import uuid4

from meshcore.acl.rules import Access
from meshcore.acl.types import Policy
from meshcore.actions import acl_grants as actions
from meshcore.consul_api.acl_answers import absent, asked, named, require, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.mesh.types import Mesh
from meshcore.store.store import Action
from meshcore.wire.acl import PolicyIn, policy_out, policy_stub_out, read
from meshcore.wire.errors import Refusal


async def listed(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    rows = [policy_stub_out(record) for _, record in sorted(mesh.acl.policies.items())]
    return shown(request, rows, mesh=mesh)


async def by_id(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, named(request, "policy ID"))


async def by_name(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, mesh.acl.policy_ids.get(named(request, "policy Name"), ""))


async def create(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, PolicyIn, what="Policy")
    if given.id:
        raise Refusal(400, "Cannot specify the ID when creating a new policy")
    policy = _policy(given, str(uuid4()))
    return await _written(context, request, policy, partial(actions.create_policy, policy=policy))


async def update(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, PolicyIn, what="Policy")
    if given.id not in ("", request.suffix):
        raise Refusal(400, "Policy ID in URL and payload do not match")
    policy = _policy(given, named(request, "policy ID"))
    return await _written(context, request, policy, partial(actions.update_policy, policy=policy))


async def delete(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    action = partial(actions.delete_policy, policy_id=named(request, "policy ID"))
    await context.store.write(action, actor=request.caller.actor)
    return Content(body=TRUE)


async def _written(context: Context, request: Request, policy: Policy, action: Action) -> Content:
    written = await context.store.write(action, actor=request.caller.actor)
    return _one(request, written.mesh, policy.id)


def _one(request: Request, mesh: Mesh, policy_id: str) -> Content:
    record = mesh.acl.policies.get(policy_id)
    if record is None:
        raise absent("policy")
    return shown(request, policy_out(record), mesh=mesh)


def _policy(given: PolicyIn, policy_id: str) -> Policy:
    return Policy(
        id=policy_id,
        name=given.name,
        description=given.description,
        rules=given.rules,
        datacenters=tuple(given.datacenters or ()),
    )


ROUTES: Routes = {
    "/v1/acl/policies": Route(calls={"GET": listed}),
    "/v1/acl/policy": Route(calls={"PUT": create}),
    "/v1/acl/policy/": Route(calls={"GET": by_id, "PUT": update, "DELETE": delete}),
    "/v1/acl/policy/name/": Route(calls={"GET": by_name}),
}
