"""What this host is in the registry, and that one agent alone says so."""

import contextlib
import fcntl
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from meshcore.agent.servers import Servers
from meshcore.agent.settings import Settings
from meshcore.client.address import Address
from meshcore.configuration import node_id
from meshcore.configuration.private_files import create_folder
from meshcore.lib.errors import ConflictError
from meshcore.registry.liveness import AGENT_META
from meshcore.registry.types import Node
from meshcore.registry.validation import check_node

LOOPBACK = "127.0.0.1"
ANY_PORT = 9  # a datagram's; none is sent


def node_of(settings: Settings, servers: Servers, *, meta: Mapping[str, str], version: str) -> Node:
    own = settings.advertise_addr or address_towards(servers.preferred)
    node = Node(
        name=settings.node_name,
        address=own,
        id=node_id.read_or_create(settings),
        tagged_addresses=dict.fromkeys(("lan", "lan_ipv4", "wan", "wan_ipv4"), own),
        meta={**meta, AGENT_META: version},
    )
    check_node(node)
    return node


def address_towards(place: Address) -> str:
    """Of ours, the one by which the server is reached; nothing is sent to find out."""
    if place.socket:
        return LOOPBACK
    with contextlib.suppress(OSError):
        found = socket.getaddrinfo(place.host, ANY_PORT, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, peer = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(peer)
            return str(probe.getsockname()[0])
    return LOOPBACK


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Two in one data dir would be one node twice."""
    create_folder(data_dir)
    with (data_dir / "agent.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                f"another agent runs with the data dir {data_dir}; give this one --data-dir"
            ) from None
        yield
