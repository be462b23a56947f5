"""/v1/health: instances with the checks that decide on them."""

from collections.abc import Iterable

from meshcore.consul_api import filtering
from meshcore.consul_api.catalog import found, has_meta, has_tags, with_nodes
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.registry.health import is_passing
from meshcore.registry.types import Check
from meshcore.wire.checks import CheckOut, check_out
from meshcore.wire.errors import Refusal
from meshcore.wire.registry import HealthOut, health_out

ANY = "any"


def service(context: Context, request: Request) -> Reading:
    return _instances(context, request, is_connect=False)


def connect(context: Context, request: Request) -> Reading:
    return _instances(context, request, is_connect=True)


def _instances(context: Context, request: Request, *, is_connect: bool) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing service name")
    meta, tags = request.node_meta, [tag for tag in request.all("tag") if tag]
    only_passing = request.flag("passing", invalid="Invalid value for ?passing")
    keep = filtering.predicate(request, HealthOut)

    def answer(mesh: Mesh, sight: Sight) -> list[HealthOut]:
        rows = []
        for record, node in with_nodes(mesh, found(mesh, sight, name, is_connect=is_connect)):
            if not sight.instance(record.value):
                continue
            if not has_meta(node, meta) or not has_tags(record, tags):
                continue
            checks = concerning(mesh, record.value.key)
            if only_passing and not is_passing(check.value for check in checks):
                continue
            rows.append(health_out(record, node, checks, datacenter=context.datacenter))
        return [row for row in rows if keep(row)]

    key = watch.destination(name) if is_connect else watch.service(name)
    return Reading(watch_keys=(key,), answer=answer)


def node(context: Context, request: Request) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing node name")
    keep = filtering.predicate(request, CheckOut)

    def answer(mesh: Mesh, sight: Sight) -> list[CheckOut]:
        registry = mesh.registry
        records = list(registry.checks_of_node(name).values())
        for key in registry.on_node(name):
            records += registry.checks_of(key).values()
        return _rows(mesh, [r for r in records if sight.check(r.value)], {}, keep)

    return Reading(watch_keys=(watch.node(name),), answer=answer)


def checks(context: Context, request: Request) -> Reading:
    name = request.suffix
    if not name:
        raise Refusal(400, "Missing service name")
    meta, keep = request.node_meta, filtering.predicate(request, CheckOut)

    def answer(mesh: Mesh, sight: Sight) -> list[CheckOut]:
        registry = mesh.registry
        records = [
            record
            for key in registry.of_service(name)
            for record in registry.checks_of(key).values()
            if sight.check(record.value)
        ]
        return _rows(mesh, records, meta, keep)

    return Reading(watch_keys=(watch.service(name),), answer=answer)


def state(context: Context, request: Request) -> Reading:
    wanted = request.suffix
    if not wanted:
        raise Refusal(400, "Missing check state")
    meta, keep = request.node_meta, filtering.predicate(request, CheckOut)

    def answer(mesh: Mesh, sight: Sight) -> list[CheckOut]:
        known = mesh.registry.checks.values()
        shown = (record for record in known if sight.check(record.value))
        records = [record for record in shown if wanted in (ANY, record.value.status)]
        return _rows(mesh, records, meta, keep)

    keys = (watch.CHECKS, watch.NODES) if meta else (watch.CHECKS,)
    return Reading(watch_keys=keys, answer=answer)


def concerning(mesh: Mesh, key: tuple[str, str]) -> list[Record[Check]]:
    """The node's checks, then the instance's own, each in the order of their ids."""
    registry = mesh.registry
    own = sorted(registry.checks_of(key).items())
    return [record for _, record in (*sorted(registry.checks_of_node(key[0]).items()), *own)]


def _rows(
    mesh: Mesh, records: Iterable[Record[Check]], meta: dict[str, str], keep: filtering.Predicate
) -> list[CheckOut]:
    nodes = mesh.registry.nodes
    ordered = sorted(records, key=lambda record: record.value.key)
    if meta:
        ordered = [
            r for r in ordered if r.value.node in nodes and has_meta(nodes[r.value.node], meta)
        ]
    return [row for row in map(check_out, ordered) if keep(row)]


ROUTES: Routes = {
    "/v1/health/service/": Route(reads=service),
    "/v1/health/connect/": Route(reads=connect),
    "/v1/health/node/": Route(reads=node),
    "/v1/health/checks/": Route(reads=checks),
    "/v1/health/state/": Route(reads=state),
}
