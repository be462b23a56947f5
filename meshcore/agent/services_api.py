"""/v1/agent/service and /v1/agent/health: the instances of this host, with their sidecars."""

import asyncio
from functools import partial
from hashlib import blake2b

import msgspec

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.actions.checks import set_maintenance
from meshcore.actions.registry import deregister_own_service
from meshcore.actions.registry_permissions import of_owner, to_register_service
from meshcore.agent.declaring import registering, remember
from meshcore.agent.documents import DefinedService
from meshcore.agent.keeping import Kept, Maintenance, maintenance_name, service_name
from meshcore.agent.local import DONE, Local
from meshcore.agent.requests import Content, Request, json_content
from meshcore.lib import bexpr, durations
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.registry.health import is_maintenance
from meshcore.registry.sidecar import sidecar_id
from meshcore.registry.types import Instance
from meshcore.wire.agent_registrations import Registration, registration_of
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.registry import AgentServiceOut, agent_service_out
from meshcore.wire.service_definitions import ServiceIn

DEFAULT_WAIT_S = 300.0
LONGEST_WAIT_S = 600.0


async def register(local: Local, request: Request) -> Content:
    given = decode(request.body, ServiceIn)
    host = local.host
    registration = registration_of(given, node=host.node.name, runs=local.runs)
    replaces = request.flag(
        "replace-existing-checks", invalid="Invalid value for ?replace-existing-checks"
    )
    service = DefinedService(registration=registration, token=given.token or request.secret)
    await local.write(
        request,
        registering(host, service, replaces_checks=replaces),
        needs=partial(
            to_register_service,
            instance=registration.instance,
            checks=registration.checks,
            sidecar=registration.sidecar,
            sidecar_checks=registration.sidecar_checks,
        ),
    )
    service_id = registration.instance.id
    remember(host, (service_id, sidecar_id(service_id)), service.token)
    whole = DefinedService(registration=_with_all_checks(local, registration), token=service.token)
    local.keeper.keep(Kept(service=whole))
    await local.delivered()
    return DONE


def _with_all_checks(local: Local, registration: Registration) -> Registration:
    """Those of former registrations count on."""
    own = local.host.registry.checks_of(registration.instance.key).values()
    checks = tuple(
        msgspec.structs.replace(record.value, status="critical", output="")
        for record in own
        if not is_maintenance(record.value)
    )
    return msgspec.structs.replace(registration, checks=checks)


async def deregister(local: Local, request: Request) -> Content:
    node, service_id = local.host.node.name, request.suffix
    action = partial(deregister_own_service, node=node, service_id=service_id)
    needs = partial(of_owner, node=node, service_id=service_id)
    await local.write(request, action, needs=needs)
    local.keeper.forget(service_name(service_id))
    local.keeper.forget_gone(local.host)
    await local.delivered()
    return DONE


async def maintenance(local: Local, request: Request) -> Content:
    if not request.suffix:
        raise Refusal(400, "Missing service ID")
    return await set_or_end_maintenance(local, request, service_id=request.suffix)


async def set_or_end_maintenance(local: Local, request: Request, *, service_id: str) -> Content:
    """Of one instance, or of the whole node."""
    node, reason = local.host.node.name, request.param("reason")
    is_enabled = _asked_to_enable(request)
    action = partial(
        set_maintenance, node=node, service_id=service_id, is_enabled=is_enabled, reason=reason
    )
    await local.write(request, action, needs=partial(of_owner, node=node, service_id=service_id))
    if is_enabled:
        local.keeper.keep(Kept(maintenance=Maintenance(service_id=service_id, reason=reason)))
    else:
        local.keeper.forget(maintenance_name(service_id))
    await local.delivered()
    return DONE


def _asked_to_enable(request: Request) -> bool:
    if not request.param("enable"):
        raise Refusal(400, "Missing value for enable")
    return request.flag("enable", invalid=f'Invalid value for enable: "{request.param("enable")}"')


async def services(local: Local, request: Request) -> Content:
    keep = predicate(request, AgentServiceOut)
    own = sorted(local.host.registry.on_node(local.host.node.name).items())
    readable = await readable_services(local, request, [r.value for _, r in own])
    rows = (
        (key[1], agent_service_out(record.value, datacenter=local.settings.datacenter))
        for key, record in own
        if record.value.service in readable
    )
    shown = {service_id: row for service_id, row in rows if keep(row)}
    return json_content(shown, is_pretty=request.has("pretty"))


async def readable_services(
    local: Local, request: Request, instances: list[Instance]
) -> frozenset[str]:
    """The names of those that the token may see."""
    rules = [service_read(name) for name in dict.fromkeys(i.service for i in instances)]
    return frozenset(rule.segment for rule in await local.verdicts.allowed(request.secret, rules))


def service_read(name: str) -> Rule:
    return exactly(RuleKind.SERVICE, name, Access.READ)


async def service(local: Local, request: Request) -> Content:
    """With ?hash=, once the instance is another than the one with this hash."""
    asked = request.param("hash")
    changed = local.host.reader()
    try:
        async with asyncio.timeout(_wait_s(request) if asked else None):
            while True:
                changed.clear()
                content, digest = await _service(local, request)
                if digest != asked:
                    return content
                await changed.wait()
    except TimeoutError:
        return content
    finally:
        local.host.forget(changed)


async def _service(local: Local, request: Request) -> tuple[Content, str]:
    instance = local.host.registry.instance((local.host.node.name, request.suffix))
    if instance is None:
        raise NotFoundError(f"unknown service ID: {request.suffix}")
    await local.verdicts.require(request.secret, [service_read(instance.service)])
    row = agent_service_out(instance, datacenter=local.settings.datacenter)
    digest = blake2b(msgspec.json.encode(row), digest_size=8).hexdigest()
    row = msgspec.structs.replace(row, content_hash=digest)
    content = json_content(row, is_pretty=request.has("pretty"))
    header = ((b"x-consul-contenthash", digest.encode()),)
    return msgspec.structs.replace(content, headers=header), digest


def _wait_s(request: Request) -> float:
    try:
        wait_s = durations.parse(request.param("wait") or "0").total_seconds()
    except InvalidError as error:
        raise Refusal(400, f"Invalid wait time: {error}") from None
    return min(wait_s or DEFAULT_WAIT_S, LONGEST_WAIT_S)


def predicate(request: Request, rows: type[msgspec.Struct]) -> bexpr.Predicate:
    text = request.param("filter")
    if not text:
        return lambda _row: True
    try:
        return bexpr.compile_filter(text, rows)
    except InvalidError as error:
        raise Refusal(500, f"Failed to create boolean expression evaluator: {error}") from None
