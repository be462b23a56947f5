"""Where probes may go: what answers them is shown, so a probe is a way to read what it reaches."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec

from meshcore.lib.errors import DeniedError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds hand out credentials beside the link-local range.
METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16")
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Policy(msgspec.Struct, frozen=True):
    allowed_networks: tuple[Network, ...] = ()  # none: all that are not forbidden to everybody
    ca_file: Path | None = None  # whose certificates are trusted, and not those of the system


@lru_cache(4096)
def require_allowed(address: str, networks: tuple[Network, ...] = ()) -> None:
    """Raise a DeniedError for what no probe is to reach; link-local and metadata never are."""
    ip = inner(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip in METADATA:
        raise DeniedError(f"{address} is a link-local or metadata address, which is not probed")
    if ip.is_multicast:
        raise DeniedError(f"{address} is a multicast address, which is not probed")
    if networks and not any(ip in network for network in networks):
        raise DeniedError(f"{address} is in none of check_allowed_networks, so it is not probed")


def inner(ip: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def policy_of(allowed_networks: Iterable[str], *, ca_file: Path | None) -> Policy:
    return Policy(
        allowed_networks=tuple(map(ipaddress.ip_network, allowed_networks)), ca_file=ca_file
    )
