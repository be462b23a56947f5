"""/v1/acl/binding-rule and /v1/acl/binding-rules."""

from functools import partial
from uuid import uuid4

from meshcore.acl.rules import Access
from meshcore.actions import auth_methods as actions
from meshcore.consul_api.acl_answers import absent, asked, named, require, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.mesh.types import Mesh
from meshcore.store.store import Action
from meshcore.wire.acl import read
from meshcore.wire.binding_rules import (
    BindingRuleIn,
    binding_rule_of,
    binding_rule_out,
)
from meshcore.wire.errors import Refusal


async def listed(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    method = request.param("authmethod")
    rows = [
        binding_rule_out(record)
        for _, record in sorted(mesh.acl.binding_rules.items())
        if method in ("", record.value.auth_method)
    ]
    return shown(request, rows, mesh=mesh)


async def by_id(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return _one(request, mesh, named(request, "binding rule ID"))


async def create(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, BindingRuleIn, what="BindingRule")
    if given.id:
        raise Refusal(400, "BindingRule ID in URL and payload do not match")
    rule = binding_rule_of(given, rule_id=str(uuid4()))
    return await _written(context, request, rule.id, partial(actions.create_rule, rule=rule))


async def update(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, BindingRuleIn, what="BindingRule")
    if given.id not in ("", request.suffix):
        raise Refusal(400, "BindingRule ID in URL and payload do not match")
    rule = binding_rule_of(given, rule_id=named(request, "binding rule ID"))
    return await _written(context, request, rule.id, partial(actions.update_rule, rule=rule))


async def delete(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    action = partial(actions.delete_rule, rule_id=named(request, "binding rule ID"))
    await context.store.write(action, actor=request.caller.actor)
    return Content(body=TRUE)


async def _written(context: Context, request: Request, rule_id: str, action: Action) -> Content:
    done = await context.store.write(action, actor=request.caller.actor)
    return _one(request, done.mesh, rule_id)


def _one(request: Request, mesh: Mesh, rule_id: str) -> Content:
    record = mesh.acl.binding_rules.get(rule_id)
    if record is None:
        raise absent("binding rule")
    return shown(request, binding_rule_out(record), mesh=mesh)


ROUTES: Routes = {
    "/v1/acl/binding-rules": Route(calls={"GET": listed}),
    "/v1/acl/binding-rule": Route(calls={"PUT": create}),
    "/v1/acl/binding-rule/": Route(calls={"GET": by_id, "PUT": update, "DELETE": delete}),
}
