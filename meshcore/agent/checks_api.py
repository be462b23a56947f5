"""/v1/agent/check: the checks of this host; TTL checks are told their status here."""

import time
from functools import partial

import msgspec

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.actions.checks import deregister_check
from meshcore.actions.registry_permissions import of_owner, to_register_check
from meshcore.agent.checks import tell
from meshcore.agent.declaring import registering_check, remember
from meshcore.agent.documents import DefinedCheck
from meshcore.agent.keeping import Kept, check_name
from meshcore.agent.local import DONE, Local
from meshcore.agent.requests import Content, Request, json_content
from meshcore.agent.routes import Endpoint
from meshcore.agent.services_api import predicate, service_read
from meshcore.lib.errors import NotFoundError
from meshcore.probes.types import Outcome
from meshcore.registry.types import Check, Status
from meshcore.registry.validation import STATUSES
from meshcore.wire.agent_registrations import check_by_itself
from meshcore.wire.check_definitions import CheckIn
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.names import consul_name

UNKNOWN = 'Unknown check ID "{}". Ensure that the check ID is passed, not the check name.'


class UpdateIn(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name):
    status: str = ""
    output: str = ""


async def checks(local: Local, request: Request) -> Content:
    host, keep = local.host, predicate(request, CheckOut)
    own = sorted(host.registry.checks.values(), key=lambda record: record.value.id)
    rules = list({_read(record.value) for record in own})
    allowed = await local.verdicts.allowed(request.secret, rules)
    rows = (
        check_out(r, output=host.heartbeats.output(r.value.key, r.value.output))
        for r in own
        if _read(r.value) in allowed
    )
    shown = {row.check_id: row for row in rows if keep(row)}
    return json_content(shown, is_pretty=request.has("pretty"))


def _read(check: Check) -> Rule:
    if check.service_id:
        return service_read(check.service)
    return exactly(RuleKind.NODE, check.node, Access.READ)


async def register(local: Local, request: Request) -> Content:
    check = check_by_itself(decode(request.body, CheckIn), node=local.host.node.name)
    defined = DefinedCheck(check=check, token=request.secret)
    await local.write(
        request,
        registering_check(defined, runs=local.runs),
        needs=partial(to_register_check, check=check),
    )
    if not check.service_id:
        remember(local.host, (check.id,), defined.token)
    local.keeper.keep(Kept(check=defined))
    await local.delivered()
    return DONE


async def deregister(local: Local, request: Request) -> Content:
    key = (local.host.node.name, request.suffix)
    if local.host.registry.check(key) is None:
        raise NotFoundError(UNKNOWN.format(request.suffix))
    action = partial(deregister_check, node=key[0], check_id=key[1])
    await local.write(request, action, needs=partial(of_owner, node=key[0], check_id=key[1]))
    local.host.heartbeats.forget(key)
    local.keeper.forget(check_name(request.suffix))
    await local.delivered()
    return DONE


async def update(local: Local, request: Request) -> Content:
    given = decode(request.body, UpdateIn)
    if given.status not in STATUSES:
        raise Refusal(400, f"Invalid check status: '{given.status}'")
    return await _tell(local, request, given.status, given.output)


def told(status: Status) -> Endpoint:
    async def tell_status(local: Local, request: Request) -> Content:
        return await _tell(local, request, status, request.param("note"))

    return tell_status


async def _tell(local: Local, request: Request, status: Status, output: str) -> Content:
    host = local.host
    key = (host.node.name, request.suffix)
    check = host.registry.check(key)
    if check is None:
        raise NotFoundError(UNKNOWN.format(request.suffix))
    if not check.definition.ttl_s:
        raise NotFoundError(f'CheckID "{request.suffix}" does not have associated TTL')
    await local.verdicts.require(request.secret, of_owner(host.mesh, node=key[0], check_id=key[1]))
    output = output[: check.definition.output_max_size]
    host.heartbeats.hear(key, output=output, now_s=time.monotonic())
    tell(host, check, Outcome(status, output))
    return DONE
