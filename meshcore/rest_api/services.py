"""The services, and all that is known of one."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.permissions import to_read_entry
from meshcore.intentions.precedence import rank
from meshcore.intentions.types import Intention, Permission
from meshcore.lib import bexpr
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.entries import kind_and_name, to_document
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.health import Health
from meshcore.registry.types import Instance
from meshcore.rest_api import paging, params
from meshcore.rest_api.answers import answer
from meshcore.rest_api.authentication import caller_of, require_any
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, text
from meshcore.store.callers import Caller
from meshcore.topology.around import around, naming, visible
from meshcore.topology.graph import WATCH_KEYS
from meshcore.topology.services import instance_health, known, own_instances, sidecar
from meshcore.topology.types import Edge, Vertex

WORST_FIRST = ("critical", "warning", "unknown", "passing")
SORTS: Mapping[str, Callable[[Vertex], str | int]] = {
    "group": lambda row: row.group,
    "health": lambda row: WORST_FIRST.index(row.health),
    "instances": lambda row: row.instances,
    "kind": lambda row: row.kind,
    "protocol": lambda row: row.protocol,
    "service": lambda row: row.service,
}


class Services(msgspec.Struct):
    """`next` is the cursor of what follows; `hidden` counts whom the token may not see."""

    index: int
    services: tuple[Vertex, ...]
    next: str | None
    hidden: int


@answering(
    Services,
    summary="The registered services",
    parameters=(
        text("q", "only those with this in their name or a tag"),
        text("filter", "only those for which this go-bexpr expression holds: health == critical"),
        text("sort", "by what, a - before it turns the order round", choices=tuple(SORTS)),
        *paging.PARAMETERS,
    ),
)
@api_view(["GET"])
def services(request: Request) -> Response:
    """The services as the graph has them, a page at a time."""
    require_any(request, RuleKind.SERVICE)
    sort = params.text(request, "sort") or "service"
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise InvalidError(f"sort must be one of {', '.join(SORTS)}, not {name}")
    keep = wanted(params.text(request, "q"), params.text(request, "filter"))

    def make(mesh: Mesh, caller: Caller) -> Services:
        graph = provided().graphs.of(mesh, caller.authorizer)
        shown, following = paging.page(
            [each for each in graph.vertices if each.is_registered and keep(each)],
            request,
            key=lambda each: (SORTS[name](each), each.service),
            is_descending=sort.startswith("-"),
        )
        return Services(mesh.index, shown, following, graph.hidden)

    return answer(request, WATCH_KEYS, make)


def wanted(words: str, expression: str) -> Callable[[Vertex], bool]:
    holds = bexpr.compile_filter(expression, Vertex) if expression else None
    part = words.casefold()

    def keep(each: Vertex) -> bool:
        texts = (each.service, *each.tags)
        return any(part in text.casefold() for text in texts) and (holds is None or holds(each))

    return keep


class ServiceCheck(msgspec.Struct):
    id: str
    name: str
    status: str
    output: str


class ServiceInstance(msgspec.Struct):
    """`checks` are its node's and its own; `sidecar` is the id of the proxy beside it."""

    node: str
    id: str
    address: str
    port: int
    tags: tuple[str, ...]
    meta: dict[str, str]
    health: Health
    sidecar: str | None
    checks: tuple[ServiceCheck, ...]


class ServiceIntention(msgspec.Struct):
    """Either an action, or permissions in the order in which they are tried."""

    source: str
    destination: str
    precedence: int
    action: str | None
    permissions: tuple[Permission, ...]
    description: str
    peer: str


class ServiceDetail(msgspec.Struct, kw_only=True):
    """`hidden` counts instances and calls that the token may not see."""

    index: int
    service: Vertex
    instances: tuple[ServiceInstance, ...]
    upstreams: tuple[Edge, ...]
    downstreams: tuple[Edge, ...]
    intentions_toward: tuple[ServiceIntention, ...]
    intentions_from: tuple[ServiceIntention, ...]
    config_entries: tuple[dict[str, Any], ...]
    hidden: int


DETAIL_KEYS = (*WATCH_KEYS, watch.NODES)


@answering(ServiceDetail, summary="All that is known of one service")
@api_view(["GET"])
def service(request: Request, name: str) -> Response:
    """Its instances with their checks, whom it calls, who calls it, and what is configured."""
    caller_of(request).require(RuleKind.SERVICE, Access.READ, name)
    return answer(request, DETAIL_KEYS, partial(detail, name=name))


def detail(mesh: Mesh, caller: Caller, *, name: str) -> ServiceDetail:
    sight = Sight(caller.authorizer)
    instances = own_instances(mesh.registry, name)
    seen = [each for each in instances if sight.instance(each)]
    calls = visible(
        around(mesh, name, default_allow=provided().graphs.default_allow),
        may_see=partial(caller.may, RuleKind.SERVICE, Access.READ),
        may_see_intentions=partial(caller.may, RuleKind.INTENTION, Access.READ),
    )
    toward = filter(sight.intention, mesh.intentions.covering(name))
    vertex = known(mesh, name).vertex
    found = ServiceDetail(
        index=mesh.index,
        service=vertex,
        instances=tuple(instance_row(mesh, each) for each in seen),
        upstreams=calls.upstreams,
        downstreams=calls.downstreams,
        intentions_toward=tuple(map(intention_row, toward)),
        intentions_from=tuple(
            intention_row(each) for each in naming(mesh.intentions, name) if sight.intention(each)
        ),
        config_entries=tuple(entries_of(mesh, caller, name)),
        hidden=len(instances) - len(seen) + calls.hidden,
    )
    if not (vertex.is_registered or is_spoken_of(found)):
        raise NotFoundError(f"no service is called {name}, and nothing speaks of one")
    return found


def is_spoken_of(found: ServiceDetail) -> bool:
    named = any(found.service.service == each.destination for each in found.intentions_toward)
    calls = found.upstreams or found.downstreams or found.intentions_from
    return bool(named or calls or found.config_entries or found.service.has_sidecar)


def instance_row(mesh: Mesh, instance: Instance) -> ServiceInstance:
    node = mesh.registry.node(instance.node)
    proxy = sidecar(mesh.registry, instance)
    return ServiceInstance(
        node=instance.node,
        id=instance.id,
        address=instance.address or (node.address if node else ""),
        port=instance.port,
        tags=instance.tags,
        meta=instance.meta,
        health=instance_health(mesh.registry, instance, [proxy] if proxy else []),
        sidecar=proxy.id if proxy else None,
        checks=tuple(
            ServiceCheck(check.id, check.name, check.status, check.output)
            for record in mesh.registry.checks_concerning(instance.key)
            for check in (record.value,)
        ),
    )


def intention_row(intention: Intention) -> ServiceIntention:
    return ServiceIntention(
        source=intention.source,
        destination=intention.destination,
        precedence=rank(intention),
        action=intention.action,
        permissions=intention.permissions,
        description=intention.description,
        peer=intention.source_peer,
    )


def entries_of(mesh: Mesh, caller: Caller, name: str) -> Iterator[dict[str, Any]]:
    for (kind, called), record in sorted(mesh.config_entries.entries.items()):
        if called == name and all(
            caller.may(rule.kind, rule.access, rule.segment)
            for rule in to_read_entry(*kind_and_name(record.value))
        ):
            assert kind == record.value.kind
            yield to_document(record.value)
