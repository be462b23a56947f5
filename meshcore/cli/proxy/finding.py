"""What a sidecar is to start with, asked of the server; waits for what is not there yet."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from meshcore.cli.proxy.tokens import token_for_envoy
from meshcore.client.http import Client, Json, UnreachableError, segment
from meshcore.lib.errors import DeniedError, InvalidError, NotFoundError
from meshcore.sidecars.bootstrap import Start
from meshcore.sidecars.exporting import exporting
from meshcore.sidecars.roots import PATH, bundle

RETRY_S = 1.0
GRPC_PORT = 8502

Tell = Callable[[str], None]


def wait_for(ask: Callable[[], Start], *, tell: Tell) -> Start:
    """Ask each second; say what is missing once, and again when something else is."""
    said = ""
    while True:
        try:
            return ask()
        except (NotFoundError, UnreachableError) as missing:
            if str(missing) != said:
                said = str(missing)
                tell(f"waiting: {said}")
        time.sleep(RETRY_S)


def find_start(
    client: Client, *, sidecar_for: str, proxy_id: str, grpc_addr: str, admin: tuple[str, int]
) -> Start:
    """Raise NotFoundError for what may still come."""
    server = _described(client)
    services = client.get("/v1/agent/services")
    sidecar = _sidecar(services, sidecar_for, proxy_id, left_out=client.left_out)
    authority = client.get(PATH)
    if not authority.get("Roots"):
        raise NotFoundError("the server's certificate authority has no roots yet")
    host, port = _grpc_address(grpc_addr, client, server)
    service = sidecar["Proxy"]["DestinationServiceName"]
    node_name, datacenter = _place(client, server, sidecar)
    return Start(
        proxy_id=sidecar["ID"],
        service=service,
        node_name=node_name,
        datacenter=datacenter,
        trust_domain=authority["TrustDomain"],
        trust_bundle=bundle(authority),
        grpc_host=host,
        grpc_port=port,
        admin_host=admin[0],
        admin_port=admin[1],
        token=token_for_envoy(client, proxy_id=sidecar["ID"], service=service),
        exporting=exporting(_config(client, sidecar)),
    )


def _config(client: Client, sidecar: Json) -> Mapping[str, Json]:
    """The sidecar's own opaque config over that of all proxies."""
    try:
        everywhere = client.get("/v1/config/proxy-defaults/global")
    except NotFoundError:
        everywhere = {}
    return {**(everywhere.get("Config") or {}), **(sidecar["Proxy"].get("Config") or {})}


def _described(client: Client) -> Json:
    """What the server says of itself, or nothing: a sidecar's own token may not ask."""
    try:
        return client.get("/v1/agent/self")
    except DeniedError:
        return {}


def _place(client: Client, server: Json, sidecar: Json) -> tuple[str, str]:
    """The node that the sidecar is on, and its datacenter."""
    if server:
        return server["Config"]["NodeName"], server["Config"]["Datacenter"]
    instances = client.get(f"/v1/catalog/service/{segment(sidecar['Service'])}")
    own = [each for each in instances if each["ServiceID"] == sidecar["ID"]]
    if len(own) != 1:
        raise NotFoundError(f"the token sees {len(own)} instances of {sidecar['ID']}, not one")
    return own[0]["Node"], own[0]["Datacenter"]


def _local_port() -> int:
    """Who has moved the server by its setting finds it in the same shell."""
    port = os.environ.get("TULLE_GRPC_PORT", "")
    return int(port) if port.isdecimal() else GRPC_PORT


def host_and_port(address: str, *, default_port: int) -> tuple[str, int]:
    parts = urlsplit(address if "://" in address else f"//{address}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if not parts.hostname or port == 0 or any(map(str.isspace, address)):
        raise InvalidError(f'"{address}" is no address: write it as host:port')
    return parts.hostname, port or default_port


def _sidecar(
    services: Mapping[str, Json], sidecar_for: str, proxy_id: str, *, left_out: str
) -> Json:
    found = list(_sidecars(services, sidecar_for, proxy_id))
    if len(found) > 1:
        ids = ", ".join(sidecar["ID"] for sidecar in found)
        raise InvalidError(f"{sidecar_for} has several sidecars: name one of {ids} by --proxy-id")
    if not found:
        wanted = f"proxy {proxy_id}" if proxy_id else f"sidecar of the instance {sidecar_for}"
        raise NotFoundError(
            f"no {wanted} is registered{f' that is to be seen: {left_out}' if left_out else ''}"
        )
    return found[0]


def _sidecars(services: Mapping[str, Json], sidecar_for: str, proxy_id: str) -> Iterator[Json]:
    for service in services.values():
        if service.get("Kind") != "connect-proxy":
            continue
        proxy = service.get("Proxy") or {}
        if service["ID"] == proxy_id or (
            not proxy_id and proxy.get("DestinationServiceID") == sidecar_for
        ):
            yield service


def _grpc_address(grpc_addr: str, client: Client, server: Json) -> tuple[str, int]:
    port = (server.get("xDS") or {}).get("Ports", {}).get("TLS") or _local_port()
    if grpc_addr:
        return host_and_port(grpc_addr, default_port=port)
    return ("127.0.0.1" if client.place.socket else client.place.host), port
