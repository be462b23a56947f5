"""/v1/catalog: nodes and the instances of services, whoever registered them."""

from collections.abc import Iterable, Iterator
from functools import partial

from meshcore.acl.rules import Access, Rule, RuleKind
from meshcore.actions import checks as check_actions
from meshcore.actions import registry as actions
from meshcore.actions import registry_permissions as permissions
from meshcore.consul_api import filtering
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.types import Instance, Node
from meshcore.registry.view import NO_INSTANCES, Instances
from meshcore.store.callers import Caller
from meshcore.store.store import Action
from meshcore.wire.check_definitions import catalog_check_of
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.registrations import DeregisterIn, RegisterIn
from meshcore.wire.registry import (
    CatalogNodeOut,
    CatalogServiceOut,
    NodeOut,
    NodeServicesOut,
    ServiceOut,
    catalog_service_out,
    node_out,
    service_out,
)
from meshcore.wire.service_definitions import catalog_instance_of

WRITTEN = Content(body=TRUE)


async def register(context: Context, request: Request) -> Content:
    given = decode(request.body, RegisterIn)
    _check_datacenter(given.datacenter, context)
    if not given.node:
        raise Refusal(400, "Must provide node")
    instance = None
    if given.service is not None:
        if not given.service.service:
            raise Refusal(400, "Must provide service name with ID")
        instance = catalog_instance_of(given.service, node=given.node)
    wanted = ([given.check] if given.check else []) + (given.checks or [])
    checks = [catalog_check_of(check, node=given.node) for check in wanted]
    node, keeps_node = _node_of(given), given.skip_node_update
    await write(
        context,
        request,
        partial(
            actions.register, node=node, instance=instance, checks=checks, keeps_node=keeps_node
        ),
        needs=partial(
            permissions.to_register,
            node=node,
            instance=instance,
            checks=checks,
            keeps_node=keeps_node,
        ),
    )
    return WRITTEN


def _node_of(given: RegisterIn) -> Node:
    return Node(
        name=given.node,
        address=given.address,
        id=given.id,
        tagged_addresses=given.tagged_addresses or {},
        meta=given.node_meta or {},
        locality=given.locality or None,
    )


async def deregister(context: Context, request: Request) -> Content:
    given = decode(request.body, DeregisterIn)
    _check_datacenter(given.datacenter, context)
    if not given.node:
        raise Refusal(400, "Must provide node")
    needs = partial(_to_deregister, request.caller, given)
    await write(context, request, _deregistering(given), needs=needs)
    return WRITTEN


def _deregistering(given: DeregisterIn) -> Action:
    if given.service_id:
        return partial(actions.deregister_service, node=given.node, service_id=given.service_id)
    if given.check_id:
        return partial(check_actions.deregister_check, node=given.node, check_id=given.check_id)
    return partial(actions.deregister_node, name=given.node)


def _to_deregister(caller: Caller, given: DeregisterIn, mesh: Mesh) -> Iterable[Rule]:
    """Who may write a node may take anything off it, or else could not clear up after others."""
    if caller.may(RuleKind.NODE, Access.WRITE, given.node):
        return ()
    rules = permissions.of_owner(
        mesh, node=given.node, service_id=given.service_id, check_id=given.check_id
    )
    return rules or (permissions.node_write(given.node),)


def datacenters(context: Context, request: Request) -> Reading:
    return Reading(watch_keys=(), answer=lambda *_: [context.datacenter], is_blocking=False)


def nodes(context: Context, request: Request) -> Reading:
    meta, keep = request.node_meta, filtering.predicate(request, NodeOut)

    def answer(mesh: Mesh, sight: Sight) -> list[NodeOut]:
        known = sorted(mesh.registry.nodes.items())
        rows = (
            node_out(record, datacenter=context.datacenter)
            for name, record in known
            if sight.node(name) and has_meta(record, meta)
        )
        return [row for row in rows if keep(row)]

    return Reading(watch_keys=(watch.NODES,), answer=answer)


def services(context: Context, request: Request) -> Reading:
    meta = request.node_meta
    if not meta and not request.param("filter"):
        return Reading(watch_keys=(watch.SERVICES,), answer=partial(_tags_of_services, context))
    keep = filtering.predicate(request, CatalogServiceOut)

    def answer(mesh: Mesh, sight: Sight) -> dict[str, list[str]]:
        tags: dict[str, set[str]] = {}
        for record in mesh.registry.instances.values():
            node = mesh.registry.nodes.get(record.value.node)
            if node is None or not sight.instance(record.value) or not has_meta(node, meta):
                continue
            if keep(catalog_service_out(record, node, datacenter=context.datacenter)):
                tags.setdefault(record.value.service, set()).update(record.value.tags)
        return {name: sorted(tags[name]) for name in sorted(tags)}

    return Reading(watch_keys=(watch.SERVICES, watch.INSTANCES, watch.NODES), answer=answer)


def _tags_of_services(context: Context, mesh: Mesh, sight: Sight) -> dict[str, list[str]]:
    """Every service with its tags; only those whose instances are others than before are looked at.

    With 1,000 services and 10,000 instances that is 0.3 ms after a registration instead of 10.
    """
    known = context.tags_of_services
    by_service = mesh.registry.by_service
    for name in known.keys() - set(by_service):
        del known[name]
    for name, instances in by_service.items():
        before = known.get(name)
        if before is None or before[0] is not instances:
            tags = {tag for record in instances.values() for tag in record.value.tags}
            known[name] = (instances, sorted(tags))
    return {name: known[name][1] for name in sight.services(sorted(known))}


def service(context: Context, request: Request) -> Reading:
    return _instances(context, request, is_connect=False)


def connect(context: Context, request: Request) -> Reading:
    return _instances(context, request, is_connect=True)


def _instances(context: Context, request: Request, *, is_connect: bool) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing service name")
    meta, tags = request.node_meta, [tag for tag in request.all("tag") if tag]
    keep = filtering.predicate(request, CatalogServiceOut)

    def answer(mesh: Mesh, sight: Sight) -> list[CatalogServiceOut]:
        rows = (
            catalog_service_out(record, node, datacenter=context.datacenter)
            for record, node in with_nodes(mesh, found(mesh, sight, name, is_connect=is_connect))
            if sight.instance(record.value) and has_meta(node, meta) and has_tags(record, tags)
        )
        return [row for row in rows if keep(row)]

    key = watch.destination(name) if is_connect else watch.service(name)
    return Reading(watch_keys=(key,), answer=answer)


def node(context: Context, request: Request) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing node name")
    keep = filtering.predicate(request, ServiceOut)

    def answer(mesh: Mesh, sight: Sight) -> CatalogNodeOut | None:
        found = mesh.registry.nodes.get(name)
        if found is None or not sight.node(name):
            return None
        rows = ((record.value.id, service_out(record)) for record in _on_node(mesh, sight, name))
        return CatalogNodeOut(
            node=node_out(found, datacenter=context.datacenter),
            services={service_id: row for service_id, row in rows if keep(row)},
        )

    return Reading(watch_keys=(watch.node(name),), answer=answer)


def node_services(context: Context, request: Request) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing node name")
    keep = filtering.predicate(request, ServiceOut)

    def answer(mesh: Mesh, sight: Sight) -> NodeServicesOut | None:
        found = mesh.registry.nodes.get(name)
        if found is None or not sight.node(name):
            return None
        rows = (service_out(record) for record in _on_node(mesh, sight, name))
        return NodeServicesOut(
            node=node_out(found, datacenter=context.datacenter),
            services=[row for row in rows if keep(row)],
        )

    return Reading(watch_keys=(watch.node(name),), answer=answer)


def found(mesh: Mesh, sight: Sight, name: str, *, is_connect: bool) -> Instances:
    """The instances of a service, or those through which the mesh reaches it.

    The latter are proxies under names of their own, so the name that is asked for counts as well.
    """
    if not is_connect:
        return mesh.registry.of_service(name)
    instances = mesh.registry.toward(name)
    return instances if not instances or sight.service(name) else NO_INSTANCES


def _on_node(mesh: Mesh, sight: Sight, name: str) -> Iterator[Record[Instance]]:
    for _, record in sorted(mesh.registry.on_node(name).items()):
        if sight.service(record.value.service):
            yield record


def with_nodes(mesh: Mesh, instances: Instances) -> Iterator[tuple[Record[Instance], Record[Node]]]:
    """In the order of their nodes and ids; an instance whose node is unknown is not shown."""
    for key, record in sorted(instances.items()):
        found = mesh.registry.nodes.get(key[0])
        if found is not None:
            yield record, found


def has_meta(record: Record[Node], wanted: dict[str, str]) -> bool:
    return all(record.value.meta.get(key) == value for key, value in wanted.items())


def has_tags(record: Record[Instance], wanted: list[str]) -> bool:
    """Consul compares tags without regard to case."""
    if not wanted:
        return True
    tags = {tag.lower() for tag in record.value.tags}
    return all(tag.lower() in tags for tag in wanted)


def _check_datacenter(given: str, context: Context) -> None:
    if given and given != context.datacenter:
        raise Refusal(500, "No path to datacenter")


ROUTES: Routes = {
    "/v1/catalog/register": Route(calls={"PUT": register}),
    "/v1/catalog/deregister": Route(calls={"PUT": deregister}),
    "/v1/catalog/datacenters": Route(reads=datacenters, is_open=True),
    "/v1/catalog/nodes": Route(reads=nodes),
    "/v1/catalog/services": Route(reads=services),
    "/v1/catalog/service/": Route(reads=service),
    "/v1/catalog/connect/": Route(reads=connect),
    "/v1/catalog/node/": Route(reads=node),
    "/v1/catalog/node-services/": Route(reads=node_services),
}
