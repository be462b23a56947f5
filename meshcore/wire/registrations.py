"""The bodies of catalog/register and catalog/deregister."""

from meshcore.wire.check_definitions import CatalogCheckIn
from meshcore.wire.names import In
from meshcore.wire.service_definitions import CatalogServiceIn


class RegisterIn(In, frozen=True, kw_only=True):
    datacenter: str = ""
    id: str = ""
    node: str = ""
    address: str = ""
    tagged_addresses: dict[str, str] | None = None
    node_meta: dict[str, str] | None = None
    service: CatalogServiceIn | None = None
    check: CatalogCheckIn | None = None
    checks: list[CatalogCheckIn] | None = None
    skip_node_update: bool = False
    locality: dict[str, str] | None = None


class DeregisterIn(In, frozen=True, kw_only=True):
    datacenter: str = ""
    node: str = ""
    address: str = ""
    service_id: str = ""
    check_id: str = ""
