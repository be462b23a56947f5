"""/v1/agent/health: the health of this host's instances as a status code, for load balancers."""

import msgspec

from meshcore.agent.local import Local
from meshcore.agent.requests import TEXT, Content, Request, json_content
from meshcore.agent.services_api import service_read
from meshcore.lib.errors import NotFoundError
from meshcore.registry.health import CODES, WORST_LAST, Aggregated, aggregate
from meshcore.registry.types import Instance
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.names import consul_name
from meshcore.wire.registry import AgentServiceOut, agent_service_out


class AgentHealthOut(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name):
    aggregated_status: str
    checks: tuple[CheckOut, ...]
    service: AgentServiceOut


async def by_id(local: Local, request: Request) -> Content:
    instance = local.host.registry.instance((local.host.node.name, request.suffix))
    if instance is None:
        raise NotFoundError(f"ServiceId {request.suffix} not found")
    await local.verdicts.require(request.secret, [service_read(instance.service)])
    status, row = _health(local, instance)
    return _content(request, status, row)


async def by_name(local: Local, request: Request) -> Content:
    await local.verdicts.require(request.secret, [service_read(request.suffix)])
    known = sorted(local.host.registry.of_service(request.suffix).items())
    if not known:
        raise NotFoundError(f"ServiceName {request.suffix} Not Found")
    found = [_health(local, record.value) for _, record in known]
    worst = max((status for status, _ in found), key=WORST_LAST.index)
    return _content(request, worst, [row for _, row in found])


def _health(local: Local, instance: Instance) -> tuple[Aggregated, AgentHealthOut]:
    host = local.host
    checks = list(host.registry.checks_concerning(instance.key))
    status = aggregate(record.value for record in checks)
    row = AgentHealthOut(
        aggregated_status=status,
        checks=tuple(
            check_out(r, output=host.heartbeats.output(r.value.key, r.value.output)) for r in checks
        ),
        service=agent_service_out(instance, datacenter=local.settings.datacenter),
    )
    return status, row


def _content(request: Request, status: Aggregated, rows: object) -> Content:
    reason = ((b"x-consul-reason", status.encode()),)
    code = CODES[status]
    accepts_text = request.header(b"accept").startswith("text/plain")
    if request.param("format") == "text" or accepts_text:
        return Content(body=status.encode(), status=code, content_type=TEXT, headers=reason)
    content = json_content(rows, is_pretty=request.has("pretty"))
    return msgspec.structs.replace(content, status=code, headers=reason)
