"""What `Connect.SidecarService` stands for: a proxy made from its parent's registration."""

from collections.abc import Iterator

import msgspec

from meshcore.lib.errors import InvalidError
from meshcore.registry.checks import check_id
from meshcore.registry.types import (
    CONNECT_PROXY,
    SIDECAR_PORTS,
    Check,
    CheckDefinition,
    Instance,
    Proxy,
)
from meshcore.registry.view import Registry

LOCAL_ADDRESS = "127.0.0.1"
CHECK_INTERVAL_S = 10.0


def sidecar_id(service_id: str) -> str:
    return f"{service_id}-sidecar-proxy"


def expand(registry: Registry, parent: Instance, given: Instance) -> Instance:
    """Fill what the given sidecar leaves open from its parent; `given` has no node or id yet."""
    if given.id and given.id != sidecar_id(parent.id):
        raise InvalidError(
            f"Invalid SidecarService: ID must be {sidecar_id(parent.id)} or left out"
        )
    proxy = given.proxy or Proxy()
    key = (parent.node, sidecar_id(parent.id))
    return msgspec.structs.replace(
        given,
        node=parent.node,
        id=key[1],
        service=given.service or f"{parent.service}-sidecar-proxy",
        kind=CONNECT_PROXY,
        tags=given.tags or parent.tags,
        meta=given.meta or parent.meta,
        locality=given.locality or parent.locality,
        address=given.address or parent.address,
        port=given.port or (0 if given.socket_path else free_port(registry, key)),
        sidecar_of=parent.id,
        proxy=_in_front_of(parent, proxy),
    )


def free_port(registry: Registry, key: tuple[str, str]) -> int:
    """The port that this sidecar has already, else the lowest that is free on its node."""
    before = registry.instance(key)
    if before is not None and before.port in SIDECAR_PORTS:
        return before.port
    for port in SIDECAR_PORTS:
        if (key[0], port) not in registry.sidecar_ports:
            return port
    raise InvalidError(
        "Invalid SidecarService: no port provided for sidecar_service and none left in the"
        f" configured range [{SIDECAR_PORTS[0]}, {SIDECAR_PORTS[-1]}]"
    )


def default_checks(sidecar: Instance) -> Iterator[Check]:
    """Does the proxy listen, and is the service behind it well?"""
    assert sidecar.proxy is not None
    address = sidecar.address or sidecar.proxy.local_service_address or LOCAL_ADDRESS
    yield Check(
        node=sidecar.node,
        id=check_id(sidecar.id, 1),
        name="Connect Sidecar Listening",
        service_id=sidecar.id,
        service=sidecar.service,
        service_tags=sidecar.tags,
        type="tcp",
        definition=CheckDefinition(
            tcp=f"{_bracketed(address)}:{sidecar.port}", interval_s=CHECK_INTERVAL_S
        ),
    )
    yield Check(
        node=sidecar.node,
        id=check_id(sidecar.id, 2),
        name=f"Connect Sidecar Aliasing {sidecar.sidecar_of}",
        service_id=sidecar.id,
        service=sidecar.service,
        service_tags=sidecar.tags,
        type="alias",
        definition=CheckDefinition(alias_node=sidecar.node, alias_service=sidecar.sidecar_of),
    )


def _in_front_of(parent: Instance, proxy: Proxy) -> Proxy:
    socket = proxy.local_service_socket_path or (
        "" if proxy.local_service_port else parent.socket_path
    )
    return msgspec.structs.replace(
        proxy,
        destination_service=proxy.destination_service or parent.service,
        destination_id=proxy.destination_id or parent.id,
        local_service_socket_path=socket,
        local_service_address="" if socket else proxy.local_service_address or LOCAL_ADDRESS,
        local_service_port=0 if socket else proxy.local_service_port or parent.port,
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
