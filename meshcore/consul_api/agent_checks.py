"""/v1/agent/check: the checks of this server's own node; TTL checks are told their status here."""

import time
from functools import partial

import msgspec

from meshcore.actions import checks as actions
from meshcore.consul_api import filtering
from meshcore.consul_api.agent import DONE
from meshcore.consul_api.context import Context
from meshcore.consul_api.errors import Refusal
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Call, Reading, Route, Routes
from meshcore.consul_api.wire.check_definitions import CheckIn, check_of
from meshcore.consul_api.wire.checks import CheckOut, check_out
from meshcore.consul_api.wire.decoding import decode
from meshcore.consul_api.wire.names import consul_name
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import Status
from meshcore.registry.validation import STATUSES

TOLD: dict[str, Status] = {"pass": "passing", "warn": "warning", "fail": "critical"}
UNKNOWN = 'Unknown check ID "{}". Ensure that the check ID is passed, not the check name.'


class UpdateIn(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name):
    status: str = ""
    output: str = ""


def checks(context: Context, request: Request) -> Reading:
    keep = filtering.predicate(request, CheckOut)

    def answer(mesh: Mesh) -> dict[str, CheckOut]:
        registry = mesh.registry
        records = list(registry.checks_of_node(context.node_name).values())
        for key in registry.on_node(context.node_name):
            records += registry.checks_of(key).values()
        rows = (
            check_out(r, output=context.heartbeats.output(r.value.key, r.value.output))
            for r in sorted(records, key=lambda record: record.value.id)
        )
        # The node's own liveness is the catalog's; Consul's agents do not list it either.
        return {row.check_id: row for row in rows if row.check_id != SERF_HEALTH and keep(row)}

    return Reading(
        watch_keys=(watch.node(context.node_name),),
        answer=answer,
        is_blocking=False,
        is_kept=False,
    )


async def register(context: Context, request: Request) -> Content:
    given = decode(request.body, CheckIn)
    if not given.name:
        raise Refusal(400, "Missing check name")
    if given.status and given.status not in STATUSES:
        raise Refusal(400, "Bad check status")
    check = check_of(
        given,
        node=context.node_name,
        check_id=given.check_id or given.id or given.name,
        name=given.name,
    )
    await context.store.write(
        partial(actions.register_check, check=check), actor=request.caller.actor
    )
    return DONE


async def deregister(context: Context, request: Request) -> Content:
    key = (context.node_name, request.suffix)
    if context.store.mesh.registry.check(key) is None:
        raise NotFoundError(UNKNOWN.format(request.suffix))
    action = partial(actions.deregister_check, node=key[0], check_id=key[1])
    await context.store.write(action, actor=request.caller.actor)
    context.heartbeats.forget(key)
    return DONE


async def update(context: Context, request: Request) -> Content:
    given = decode(request.body, UpdateIn)
    if given.status not in STATUSES:
        raise Refusal(400, f"Invalid check status: '{given.status}'")
    status: Status = given.status
    await _tell(context, request, status, given.output)
    return DONE


def _told(status: Status) -> Call:
    async def tell(context: Context, request: Request) -> Content:
        await _tell(context, request, status, request.param("note"))
        return DONE

    return tell


async def _tell(context: Context, request: Request, status: Status, output: str) -> None:
    """Keep the heartbeat in memory; only another status is a write."""
    key = (context.node_name, request.suffix)
    check = context.store.mesh.registry.check(key)
    if check is None:
        raise NotFoundError(UNKNOWN.format(request.suffix))
    if not check.definition.ttl_s:
        raise NotFoundError(f'CheckID "{request.suffix}" does not have associated TTL')
    output = output[: check.definition.output_max_size]
    context.heartbeats.hear(key, output=output, now_s=time.monotonic())
    if check.status == status:
        return
    action = partial(
        actions.set_check_status, node=key[0], check_id=key[1], status=status, output=output
    )
    await context.store.write(action, actor=request.caller.actor)


ROUTES: Routes = {
    "/v1/agent/checks": Route(reads=checks),
    "/v1/agent/check/register": Route(calls={"PUT": register}),
    "/v1/agent/check/deregister/": Route(calls={"PUT": deregister}),
    "/v1/agent/check/update/": Route(calls={"PUT": update}),
    **{
        f"/v1/agent/check/{verb}/": Route(calls={"PUT": _told(status)})
        for verb, status in TOLD.items()
    },
}
