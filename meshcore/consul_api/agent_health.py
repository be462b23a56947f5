"""/v1/agent/health: the health of this node's instances as a status code, for load balancers."""

from collections.abc import Callable

import msgspec

from meshcore.acl.rules import Access, RuleKind
from meshcore.consul_api.catalog import with_nodes
from meshcore.consul_api.context import Context
from meshcore.consul_api.health import concerning
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TEXT, Content, json_content
from meshcore.consul_api.routes import Reading
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.health import CODES, SERF_HEALTH, WORST_LAST, Aggregated, aggregate
from meshcore.registry.types import Instance
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.names import consul_name
from meshcore.wire.registry import AgentServiceOut, agent_service_out


class AgentHealthOut(msgspec.Struct, frozen=True, kw_only=True, rename=consul_name):
    aggregated_status: str
    checks: tuple[CheckOut, ...]
    service: AgentServiceOut


def health_by_id(context: Context, request: Request) -> Reading:
    def answer(mesh: Mesh, _sight: Sight) -> Content:
        instance = mesh.registry.instance((context.node_name, request.suffix))
        if instance is None:
            raise NotFoundError(f"ServiceId {request.suffix} not found")
        request.caller.require(RuleKind.SERVICE, Access.READ, instance.service)
        status, row = _health(mesh, instance, context)
        return _content(request, status, row)

    return _reading(context, answer)


def health_by_name(context: Context, request: Request) -> Reading:
    request.caller.require(RuleKind.SERVICE, Access.READ, request.suffix)

    def answer(mesh: Mesh, _sight: Sight) -> Content:
        known = with_nodes(mesh, mesh.registry.of_service(request.suffix))
        own = [record.value for record, _ in known if record.value.node == context.node_name]
        if not own:
            raise NotFoundError(f"ServiceName {request.suffix} Not Found")
        found = [_health(mesh, instance, context) for instance in own]
        worst = max((status for status, _ in found), key=WORST_LAST.index)
        return _content(request, worst, [row for _, row in found])

    return _reading(context, answer)


def _reading(context: Context, answer: Callable[[Mesh, Sight], Content]) -> Reading:
    return Reading(watch_keys=(watch.node(context.node_name),), answer=answer, is_blocking=False)


def _health(mesh: Mesh, instance: Instance, context: Context) -> tuple[Aggregated, AgentHealthOut]:
    checks = [c for c in concerning(mesh, instance.key) if c.value.id != SERF_HEALTH]
    status = aggregate(check.value for check in checks)
    row = AgentHealthOut(
        aggregated_status=status,
        checks=tuple(check_out(check) for check in checks),
        service=agent_service_out(instance, datacenter=context.datacenter),
    )
    return status, row


def _content(request: Request, status: Aggregated, rows: object) -> Content:
    reason = ((b"x-consul-reason", status.encode()),)
    accepts_text = request.headers.get(b"accept", b"").startswith(b"text/plain")
    if request.param("format") == "text" or accepts_text:
        return Content(
            body=status.encode(), status=CODES[status], content_type=TEXT, headers=reason
        )
    content = json_content(rows, is_pretty=request.has("pretty"))
    return msgspec.structs.replace(content, status=CODES[status], headers=reason)
