"""/v1/agent/service: instances on this server's own node, with their sidecars."""

from functools import partial
from hashlib import blake2b

import msgspec

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions import checks as check_actions
from meshcore.actions import registry as actions
from meshcore.actions.registry_permissions import of_owner, to_register_service
from meshcore.consul_api import filtering
from meshcore.consul_api.agent import DONE, asked_to_enable
from meshcore.consul_api.agent_health import health_by_id, health_by_name
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content, json_content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.wire.agent_registrations import registration_of
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.registry import AgentServiceOut, agent_service_out
from meshcore.wire.service_definitions import ServiceIn


async def register(context: Context, request: Request) -> Content:
    given = registration_of(decode(request.body, ServiceIn), node=context.node_name)
    replaces = request.flag(
        "replace-existing-checks", invalid="Invalid value for ?replace-existing-checks"
    )
    await write(
        context,
        request,
        partial(
            actions.register_service,
            node=context.node,
            instance=given.instance,
            checks=given.checks,
            sidecar=given.sidecar,
            sidecar_checks=given.sidecar_checks,
            replaces_checks=replaces,
        ),
        needs=partial(
            to_register_service,
            instance=given.instance,
            checks=given.checks,
            sidecar=given.sidecar,
            sidecar_checks=given.sidecar_checks,
        ),
    )
    return DONE


async def deregister(context: Context, request: Request) -> Content:
    action = partial(
        actions.deregister_own_service, node=context.node_name, service_id=request.suffix
    )
    needs = partial(of_owner, node=context.node_name, service_id=request.suffix)
    await write(context, request, action, needs=needs)
    return DONE


async def maintenance(context: Context, request: Request) -> Content:
    if not request.suffix:
        raise Refusal(400, "Missing service ID")
    action = partial(
        check_actions.set_maintenance,
        node=context.node_name,
        service_id=request.suffix,
        is_enabled=asked_to_enable(request),
        reason=request.param("reason"),
    )
    needs = partial(of_owner, node=context.node_name, service_id=request.suffix)
    await write(context, request, action, needs=needs, reason=request.param("reason"))
    return DONE


def services(context: Context, request: Request) -> Reading:
    keep = filtering.predicate(request, AgentServiceOut)

    def answer(mesh: Mesh, sight: Sight) -> dict[str, AgentServiceOut]:
        known = sorted(mesh.registry.on_node(context.node_name).items())
        rows = (
            (key[1], agent_service_out(record.value, datacenter=context.datacenter))
            for key, record in known
            if sight.service(record.value.service)
        )
        return {service_id: row for service_id, row in rows if keep(row)}

    return Reading(watch_keys=(watch.node(context.node_name),), answer=answer, is_blocking=False)


def service(context: Context, request: Request) -> Reading:
    key = (context.node_name, request.suffix)

    def answer(mesh: Mesh, _sight: Sight) -> Content:
        instance = mesh.registry.instance(key)
        if instance is None:
            raise NotFoundError(f"unknown service ID: {request.suffix}")
        request.caller.require(RuleKind.SERVICE, Access.READ, instance.service)
        row = agent_service_out(instance, datacenter=context.datacenter)
        digest = blake2b(msgspec.json.encode(row), digest_size=8).hexdigest()
        content = json_content(
            msgspec.structs.replace(row, content_hash=digest), is_pretty=request.has("pretty")
        )
        return msgspec.structs.replace(
            content, headers=((b"x-consul-contenthash", digest.encode()),)
        )

    return Reading(
        watch_keys=(watch.instance(*key),), answer=answer, is_blocking=False, is_hashed=True
    )


ROUTES: Routes = {
    "/v1/agent/services": Route(reads=services),
    "/v1/agent/service/": Route(reads=service),
    "/v1/agent/service/register": Route(calls={"PUT": register}),
    "/v1/agent/service/deregister/": Route(calls={"PUT": deregister}),
    "/v1/agent/service/maintenance/": Route(calls={"PUT": maintenance}),
    "/v1/agent/health/service/id/": Route(reads=health_by_id),
    "/v1/agent/health/service/name/": Route(reads=health_by_name),
}
