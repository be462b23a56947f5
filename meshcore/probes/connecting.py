"""Opening the connection of a probe, to an address that may be probed."""

import asyncio
import ipaddress
import socket
import ssl
from functools import cache

from meshcore.lib.errors import DeniedError

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

# Where clouds hand out credentials beside the link-local range.
METADATA = frozenset(
    ipaddress.ip_address(address) for address in ("fd00:ec2::254", "100.100.100.200")
)


async def connect(
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    server_name: str = "",
    limit: int = 2**16,
) -> Streams:
    """Connect to the very address that was judged: a name may point elsewhere a moment later."""
    address = await _resolved(host, port)
    return await asyncio.open_connection(
        address,
        port,
        ssl=tls,
        server_hostname=(server_name or host) if tls else None,
        limit=limit,
    )


@cache
def tls_context(*, is_verified: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not is_verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def is_forbidden(address: str) -> bool:
    """Is it link-local or a cloud's metadata service, whose answers nobody is to see as output?"""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_link_local or ip in METADATA


async def _resolved(host: str, port: int) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        host = str(found[0][4][0])
    if is_forbidden(host):
        raise DeniedError(f"{host} is a link-local or metadata address, which is not probed")
    return host
