"""Opening the connection of a probe, to an address that may be probed."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from meshcore.probes.policy import Policy, require_allowed

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Tls(msgspec.Struct, frozen=True):
    """How a probe speaks TLS."""

    server_name: str = ""
    skips_verification: bool = False
    protocols: tuple[str, ...] = ()


async def connect(
    host: str,
    port: int,
    *,
    tls: Tls | None = None,
    policy: Policy | None = None,
    limit: int = 2**16,
) -> Streams:
    """Connect to the very address that was judged: a name may point elsewhere a moment later."""
    policy = policy or Policy()
    trouble: OSError | None = None
    for address in await addresses(host, port, policy=policy):
        try:
            return await asyncio.open_connection(
                address,
                port,
                ssl=context_of(tls, policy.ca_file) if tls else None,
                server_hostname=(tls.server_name or host) if tls else None,
                limit=limit,
            )
        except OSError as error:
            trouble = error
    raise trouble or OSError(f"{host} has no address")


def context_of(tls: Tls, ca_file: Path | None) -> ssl.SSLContext:
    return _context(tls.skips_verification, tls.protocols, ca_file)


@cache  # each has all roots of the system in it
def _context(
    skips_verification: bool,  # noqa: FBT001 - a cache's key
    protocols: tuple[str, ...],
    ca_file: Path | None,
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if skips_verification:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


async def addresses(host: str, port: int, *, policy: Policy) -> Sequence[str]:
    """All that a name stands for, each of which may be probed."""
    found = [host] if is_address(host) else await _resolved(host, port)
    for address in found:
        require_allowed(address, policy.allowed_networks)
    return found


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def split(target: str) -> tuple[str, int]:
    """A host, in brackets or not, and its port."""
    host, _, port = target.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{target} is no host:port")
    return host.strip("[]"), int(port)


async def _resolved(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
