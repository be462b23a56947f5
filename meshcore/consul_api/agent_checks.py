"""/v1/agent/check: the checks of this server's own node; TTL checks are told their status here."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from meshcore.acl.rules import Rule
from meshcore.actions import checks as actions
from meshcore.actions.registry_permissions import of_owner, to_register_check
from meshcore.consul_api import filtering
from meshcore.consul_api.agent import DONE
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Call, Reading, Route, Routes
from meshcore.lib.errors import NotFoundError
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.health import SERF_HEALTH
from meshcore.registry.types import Check, CheckKey, Status
from meshcore.registry.validation import STATUSES
from meshcore.wire.agent_registrations import check_by_itself
from meshcore.wire.check_definitions import CheckIn
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.names import consul_name

TOLD: dict[str, Status] = {"pass": "passing", "warn": "warning", "fail": "critical"}
UNKNOWN = 'Unknown check ID "{}". Ensure that the check ID is passed, not the check name.'


class UpdateIn(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name):
    status: str = ""
    output: str = ""


def checks(context: Context, request: Request) -> Reading:
    keep = filtering.predicate(request, CheckOut)

    def answer(mesh: Mesh, sight: Sight) -> dict[str, CheckOut]:
        rows = (
            check_out(r, output=context.heartbeats.output(r.value.key, r.value.output))
            for r in sorted(_own(mesh, context), key=lambda record: record.value.id)
            if _is_shown(sight, r.value)
        )
        return {row.check_id: row for row in rows if keep(row)}

    return Reading(
        watch_keys=(watch.node(context.node_name),),
        answer=answer,
        is_blocking=False,
        is_kept=False,
    )


def _own(mesh: Mesh, context: Context) -> Iterator[Record[Check]]:
    """Without the node's liveness: that is the catalog's, and Consul's agents do not list it."""
    registry = mesh.registry
    for check_id, record in registry.checks_of_node(context.node_name).items():
        if check_id != SERF_HEALTH:
            yield record
    for key in registry.on_node(context.node_name):
        yield from registry.checks_of(key).values()


def _is_shown(sight: Sight, check: Check) -> bool:
    """An agent's list is about its own node, which so does not count beside the service."""
    return sight.service(check.service) if check.service_id else sight.node(check.node)


async def register(context: Context, request: Request) -> Content:
    check = check_by_itself(decode(request.body, CheckIn), node=context.node_name)
    action = partial(actions.register_check, check=check)
    await write(context, request, action, needs=partial(to_register_check, check=check))
    return DONE


async def deregister(context: Context, request: Request) -> Content:
    key = (context.node_name, request.suffix)
    if context.store.mesh.registry.check(key) is None:
        raise NotFoundError(UNKNOWN.format(request.suffix))
    action = partial(actions.deregister_check, node=key[0], check_id=key[1])
    await write(context, request, action, needs=_of_owner(key))
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
    needs = _of_owner(key)
    request.caller.require_all(needs(context.store.mesh))
    output = output[: check.definition.output_max_size]
    context.heartbeats.hear(key, output=output, now_s=time.monotonic())
    if check.status == status:
        return
    action = partial(
        actions.set_check_status, node=key[0], check_id=key[1], status=status, output=output
    )
    await write(context, request, action, needs=needs)


def _of_owner(key: CheckKey) -> Callable[[Mesh], Iterable[Rule]]:
    return partial(of_owner, node=key[0], check_id=key[1])


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
