"""One instance: its checks with what they say, where it listens, and its proxy."""

import msgspec

from dashboard.health_rows import check_rows, concerning, health
from dashboard.node import address
from dashboard.pages import Page, PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.registry.health import SERVICE_MAINTENANCE
from meshcore.registry.types import CONNECT_PROXY, Instance, Upstream
from meshcore.topology.services import sidecar


class UpstreamRow(msgspec.Struct, frozen=True):
    destination: str
    datacenter: str
    listens: str
    is_known: bool


def instance(request: PageRequest) -> Page:
    mesh, caller = request.mesh, request.caller
    name = request.arguments["name"]
    caller.require(RuleKind.SERVICE, Access.READ, name)
    found, others = chosen(request)
    caller.require(RuleKind.NODE, Access.READ, found.node)
    checks = concerning(mesh.registry, found)
    proxy = found if found.kind == CONNECT_PROXY else sidecar(mesh.registry, found)
    return Page(
        template="dashboard/instance.html",
        title=found.id,
        context={
            "instance": found,
            "others": others,
            "node": mesh.registry.node(found.node),
            "address": address(mesh, found),
            "health": health(checks),
            "checks": check_rows(checks),
            "in_maintenance": any(
                record.value.id == f"{SERVICE_MAINTENANCE}{found.id}" for record in checks
            ),
            "proxy": proxy,
            "proxy_address": address(mesh, proxy) if proxy else "",
            "is_proxy": found.kind == CONNECT_PROXY,
            "upstreams": [upstream_row(mesh, each) for each in upstreams(proxy)],
            "is_connected": proxy is not None and proxy.key in request.facts.connected(),
            "may_write": caller.may(RuleKind.SERVICE, Access.WRITE, name),
        },
        watch_keys=(watch.node(found.node), watch.service(name), watch.SERVICES),
    )


def chosen(request: PageRequest) -> tuple[Instance, list[Instance]]:
    """The instance, and those with the same id on other nodes, between which `?node=` decides."""
    name, service_id = request.arguments["name"], request.arguments["id"]
    named = sorted(
        (
            record.value
            for record in request.mesh.registry.of_service(name).values()
            if record.value.id == service_id
            and request.caller.may(RuleKind.NODE, Access.READ, record.value.node)
        ),
        key=lambda each: each.node,
    )
    wanted = request.params.get("node")
    found = [each for each in named if wanted in ("", each.node)]
    if not found:
        where = f" on {wanted}" if wanted else ""
        raise NotFoundError(f"{name} has no instance {service_id}{where} that you may see")
    return found[0], [each for each in named if each is not found[0]]


def upstreams(proxy: Instance | None) -> tuple[Upstream, ...]:
    return proxy.proxy.upstreams if proxy is not None and proxy.proxy is not None else ()


def upstream_row(mesh: Mesh, upstream: Upstream) -> UpstreamRow:
    host = upstream.local_bind_address or "127.0.0.1"
    listens = upstream.local_bind_socket_path or f"{host}:{upstream.local_bind_port}"
    return UpstreamRow(
        destination=upstream.destination_name,
        datacenter=upstream.datacenter,
        listens=listens,
        is_known=bool(mesh.registry.of_service(upstream.destination_name)),
    )
