"""Meshes as the tests of the graph need them: who is there, who calls whom, who may."""

from collections.abc import Iterable, Mapping

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch, ServiceIntentions
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic, Value
from meshcore.registry.types import (
    CONNECT_PROXY,
    Check,
    Instance,
    Node,
    Proxy,
    Status,
    Upstream,
)
from meshcore.topology.graph import whole
from meshcore.topology.types import Graph

NODE = Node(name="node-1", address="10.0.0.1")


def service(
    name: str,
    *,
    calls: Iterable[str] = (),
    has_sidecar: bool = True,
    status: Status = "passing",
    number: int = 1,
    meta: Mapping[str, str] | None = None,
    tags: tuple[str, ...] = (),
    kind: str = "",
) -> list[Value]:
    """An instance with a check and, unless told otherwise, its sidecar."""
    identity = f"{name}-{number}"
    values: list[Value] = [
        Instance(
            node="node-1", id=identity, service=name, kind=kind, meta=dict(meta or {}), tags=tags
        ),
        check(identity, name, status),
    ]
    if has_sidecar:
        values.append(sidecar(name, calls=calls, number=number))
    return values


def sidecar(name: str, *, calls: Iterable[str] = (), number: int = 1) -> Instance:
    return Instance(
        node="node-1",
        id=f"{name}-{number}-sidecar-proxy",
        service=f"{name}-sidecar-proxy",
        kind=CONNECT_PROXY,
        proxy=Proxy(
            destination_service=name,
            destination_id=f"{name}-{number}",
            upstreams=tuple(Upstream(destination_name=each) for each in calls),
        ),
    )


def check(service_id: str, service: str, status: Status) -> Check:
    return Check(
        node="node-1",
        id=f"check-{service_id}",
        name="alive",
        status=status,
        service_id=service_id,
        service=service,
    )


def allow(source: str, destination: str) -> Intention:
    return Intention(source=source, destination=destination, action="allow")


def deny(source: str, destination: str) -> Intention:
    return Intention(source=source, destination=destination, action="deny")


def only_gets(source: str, destination: str) -> Intention:
    permission = Permission(action="allow", http=RequestMatch(methods=("GET",)))
    return Intention(source=source, destination=destination, permissions=(permission,))


def toward(*intentions: Intention) -> list[Value]:
    """The entries that these intentions are, one for each destination."""
    names = dict.fromkeys(each.destination for each in intentions)
    return [
        ServiceIntentions(
            destination=name,
            intentions=tuple(each for each in intentions if each.destination == name),
        )
        for name in names
    ]


def http(name: str) -> list[Value]:
    return [ServiceDefaults(name=name, protocol="http")]


def mesh(*values: Iterable[Value]) -> Mesh:
    changes = [change(value) for group in ([NODE], *values) for value in group]
    return apply(Mesh(), changes, index=1)


def change(value: Value) -> Change:
    match value:
        case Node():
            return Change(Topic.NODE, (value.name,), None, value)
        case Instance():
            return Change(Topic.INSTANCE, value.key, None, value)
        case Check():
            return Change(Topic.CHECK, value.key, None, value)
        case ServiceIntentions():
            return Change(Topic.INTENTIONS, (value.destination,), None, value)
        case ServiceDefaults():
            return Change(Topic.CONFIG_ENTRY, (value.kind, value.name), None, value)
    raise AssertionError(value)


def drawn(*values: Iterable[Value], default_allow: bool = False) -> Graph:
    return whole(mesh(*values), default_allow=default_allow)
