"""One instance: its checks with what they say, where it listens, and its proxy."""

from datetime import timedelta

import msgspec

from dashboard import traffic
from dashboard.health_rows import check_rows, concerning, health
from dashboard.node import address
from dashboard.pages import Page, PageRequest
from dashboard.proxy import proxy_shown
from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.registry.health import SERVICE_MAINTENANCE
from meshcore.registry.types import CONNECT_PROXY, Instance, Upstream
from meshcore.store.callers import Caller
from meshcore.topology.services import sidecar

REFRESH = timedelta(seconds=2)  # streams are no part of the mesh
OF_PROXY = (watch.INSTANCES, watch.CHECKS, watch.ALL_INTENTIONS, watch.CONFIG_ENTRIES, watch.ROOTS)


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
    is_proxy = found.kind == CONNECT_PROXY
    proxy = found if is_proxy else sidecar(mesh.registry, found)
    checks = concerning(mesh.registry, found)
    context = {
        "instance": found,
        "others": others,
        "health": health(checks),
        "in_maintenance": any(
            record.value.id == f"{SERVICE_MAINTENANCE}{found.id}" for record in checks
        ),
        "proxy": proxy,
        "is_proxy": is_proxy,
        "may_write": caller.may(RuleKind.SERVICE, Access.WRITE, name),
        "may_see_proxy": proxy is not None and may_see(caller, proxy),
    }
    if proxy is not None and may_see(caller, proxy) and request.params.get("tab") == "proxy":
        return Page(
            template="dashboard/proxy.html",
            title=found.id,
            context=context | {"shown": proxy_shown(request, proxy)},
            watch_keys=OF_PROXY,
            refresh=REFRESH,
        )
    return Page(
        template="dashboard/instance.html",
        title=found.id,
        context=context
        | details(request, found, proxy)
        | {"checks": check_rows(checks, request.facts.heartbeats)},
        watch_keys=(watch.node(found.node), watch.SERVICES),
        refresh=REFRESH,
    )


def may_see(caller: Caller, proxy: Instance) -> bool:
    """What a proxy is sent tells of other services too, so it takes what the proxy's token has."""
    return caller.may(RuleKind.SERVICE, Access.WRITE, proxy.mesh_destination)


def details(request: PageRequest, found: Instance, proxy: Instance | None) -> dict[str, object]:
    mesh = request.mesh
    return {
        "node": mesh.registry.node(found.node),
        "address": address(mesh, found),
        "proxy_address": address(mesh, proxy) if proxy else "",
        "upstreams": [upstream_row(mesh, each) for each in upstreams(proxy)],
        "traffic": traffic.charted(request, found.service, instance=found.key),
        "is_connected": proxy is not None and proxy.key in request.facts.connected(),
    }


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
