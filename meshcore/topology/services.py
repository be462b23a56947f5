"""What the registry knows of one service, as a vertex of the graph."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from meshcore.mesh.types import Mesh
from meshcore.registry.health import Health, aggregate
from meshcore.registry.types import CONNECT_PROXY, Instance, InstanceKey
from meshcore.registry.view import Registry
from meshcore.topology.types import NO_GROUP, TYPICAL, Vertex

# The keys of service meta that say which group a service is drawn in; the first one counts that
# any of its instances has.
GROUP_KEYS = ("group", "team", "app", "k8s-namespace")
EXTERNAL_SOURCE = "external-source"
WORST_LAST: tuple[Health, ...] = ("passing", "warning", "critical")


class Known(msgspec.Struct, frozen=True, gc=False):
    """A service with the upstreams that any of its proxies declares."""

    vertex: Vertex
    upstreams: frozenset[str]


def known(mesh: Mesh, service: str) -> Known:
    registry = mesh.registry
    own = own_instances(registry, service)
    reached = [record.value for record in registry.toward(service).values()]
    sidecars = [each for each in reached if each.kind == CONNECT_PROXY and each.proxy]
    healths = [instance_health(registry, each, sidecars) for each in own]
    vertex = Vertex(
        service=service,
        kind=kind(own),
        is_registered=bool(own),
        health=max(healths, key=WORST_LAST.index) if healths else "unknown",
        instances=len(own),
        passing=healths.count("passing"),
        warning=healths.count("warning"),
        critical=healths.count("critical"),
        has_sidecar=bool(sidecars),
        connected=len(reached),
        protocol=mesh.config_entries.protocol(service),
        group=group(own),
        tags=tuple(sorted({tag for each in own for tag in each.tags})),
        external_source=first_meta(own, EXTERNAL_SOURCE),
    )
    return Known(vertex, frozenset(upstreams((*own, *sidecars))))


def upstreams(instances: Iterable[Instance]) -> Iterator[str]:
    """The services that proxies of these, gateways among them, are told to reach."""
    for instance in instances:
        for upstream in instance.proxy.upstreams if instance.proxy else ():
            if upstream.destination_type == "service" and upstream.destination_name:
                yield upstream.destination_name


def declaring(registry: Registry, upstream: str) -> Iterator[str]:
    """Yield the services of which a proxy is told to reach this one, some of them twice."""
    for record in registry.instances.values():
        instance = record.value
        if instance.proxy and upstream in upstreams((instance,)):
            is_sidecar = instance.kind == CONNECT_PROXY
            name = instance.proxy.destination_service if is_sidecar else instance.service
            if name:
                yield name


def own_instances(registry: Registry, service: str) -> list[Instance]:
    """In the order of their keys, and without sidecars, which count for whom they serve."""
    records = sorted(registry.of_service(service).items())
    return [record.value for _, record in records if record.value.kind != CONNECT_PROXY]


def instance_health(registry: Registry, instance: Instance, sidecars: Iterable[Instance]) -> Health:
    """The worst of its node's, its own and its sidecar's checks: who calls it needs all three."""
    keys: list[InstanceKey] = [instance.key]
    keys += [each.key for each in sidecars if is_sidecar_of(each, instance)]
    checks = [record.value for record in registry.checks_of_node(instance.node).values()]
    for key in keys:
        checks += [record.value for record in registry.checks_of(key).values()]
    worst = aggregate(checks)
    return "critical" if worst == "maintenance" else worst


def sidecar(registry: Registry, instance: Instance) -> Instance | None:
    """The proxy beside it, if there is one; none for a proxy."""
    reached = (record.value for record in registry.toward(instance.service).values())
    proxies = (each for each in reached if each.kind == CONNECT_PROXY)
    return next((each for each in proxies if is_sidecar_of(each, instance)), None)


def is_sidecar_of(sidecar: Instance, instance: Instance) -> bool:
    if sidecar.proxy is None:  # one that was registered without saying what it stands in front of
        return False
    return sidecar.node == instance.node and sidecar.proxy.destination_id == instance.id


def kind(instances: Sequence[Instance]) -> str:
    kinds = {each.kind or TYPICAL for each in instances}
    return TYPICAL if TYPICAL in kinds or not kinds else min(kinds)


def group(instances: Sequence[Instance]) -> str:
    return next(filter(None, (first_meta(instances, key) for key in GROUP_KEYS)), NO_GROUP)


def first_meta(instances: Iterable[Instance], key: str) -> str:
    return next(filter(None, (each.meta.get(key) for each in instances)), "")
