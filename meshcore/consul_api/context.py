"""What every endpoint of one server is given."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from meshcore.consul_api.waiting import MOST_OF_ONE_CLIENT
from meshcore.logins.key_sets import KeySets
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import Node
from meshcore.registry.view import Instances
from meshcore.store.callers import Callers
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store


class Context(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    callers: Callers
    issuer: Issuer
    node_name: str
    node_id: str = ""
    datacenter: str = "dc1"
    address: str = "127.0.0.1"  # at which other nodes reach this server
    default_allow: bool = True
    version: str = "0.1.0"
    xds_port: int = 8502
    server_port: int = 8300
    envoy_versions: tuple[str, ...] = ()
    most_waiting: int = MOST_OF_ONE_CLIENT  # blocking queries of one client
    heartbeats: Heartbeats = msgspec.field(default_factory=Heartbeats)
    bootstrap_reset_file: Path | None = None  # holds the index by which another bootstrap is asked
    keep_bootstrap_secret: Callable[[str], None] | None = None  # where its owner looks for it
    described: Callable[[], Mapping[str, object]] = dict  # what this process is at
    key_sets: KeySets = msgspec.field(default_factory=KeySets)
    tags_of_services: dict[str, tuple[Instances, list[str]]] = {}  # what catalog/services remembers

    @property
    def node(self) -> Node:
        """This server as a node of the registry."""
        tagged = dict.fromkeys(("lan", "lan_ipv4", "wan", "wan_ipv4"), self.address)
        return Node(
            name=self.node_name,
            address=self.address,
            id=self.node_id,
            tagged_addresses=tagged,
            meta={"consul-network-segment": ""},
        )

    @property
    def server_address(self) -> str:
        """Where Consul's servers would speak with each other; nothing listens there."""
        return f"{self.address}:{self.server_port}"
