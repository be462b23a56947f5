"""One node: its checks, its instances, and what may be done with it."""

import msgspec

from dashboard.health_rows import check_rows, concerning, health
from dashboard.pages import Page, PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.registry.health import NODE_MAINTENANCE
from meshcore.registry.types import Instance


class SidecarRow(msgspec.Struct, frozen=True):
    """`is_connected` is about a stream to this server alone."""

    id: str
    service: str
    is_connected: bool


class InstanceRow(msgspec.Struct, frozen=True):
    service: str
    id: str
    node: str
    kind: str
    address: str
    health: str
    tags: tuple[str, ...]
    sidecar: SidecarRow | None = None


def node(request: PageRequest) -> Page:
    name = request.arguments["name"]
    request.caller.require(RuleKind.NODE, Access.READ, name)
    registry = request.mesh.registry
    found = registry.node(name)
    if found is None:
        raise NotFoundError(f"no node is called {name}")
    instances = [record.value for _, record in sorted(registry.on_node(name).items())]
    readable = [each for each in instances if request.caller.may(*to_read(each))]
    checks = registry.checks_of_node(name)
    return Page(
        template="dashboard/node.html",
        title=name,
        context={
            "node": found,
            "health": health(checks.values()),
            "checks": check_rows(checks.values(), request.facts.heartbeats),
            "instances": [instance_row(request.mesh, each) for each in readable],
            "hidden": len(instances) - len(readable),
            "in_maintenance": NODE_MAINTENANCE in checks,
            "is_this_server": name == request.facts.node_name,
            "may_write": request.caller.may(RuleKind.NODE, Access.WRITE, name),
        },
        watch_keys=(watch.node(name),),
        is_filtered=len(readable) < len(instances),
    )


def to_read(instance: Instance) -> tuple[RuleKind, Access, str]:
    return RuleKind.SERVICE, Access.READ, instance.service


def instance_row(mesh: Mesh, instance: Instance, sidecar: SidecarRow | None = None) -> InstanceRow:
    return InstanceRow(
        service=instance.service,
        id=instance.id,
        node=instance.node,
        kind=instance.kind,
        address=address(mesh, instance),
        health=health(concerning(mesh.registry, instance)),
        tags=instance.tags,
        sidecar=sidecar,
    )


def address(mesh: Mesh, instance: Instance) -> str:
    """Where it listens: at its node's address unless it says another one."""
    if instance.socket_path:
        return f"unix://{instance.socket_path}"
    node = mesh.registry.node(instance.node)
    host = instance.address or (node.address if node else "")
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{instance.port}" if instance.port else host
