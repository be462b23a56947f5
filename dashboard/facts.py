"""What a page shows beside the mesh: the process that it is rendered by."""

from collections.abc import Callable, Collection
from datetime import datetime

import msgspec

from meshcore.certificates.types import Lifetimes
from meshcore.registry.types import InstanceKey


def no_proxies() -> Collection[InstanceKey]:
    return ()


def no_trouble() -> str:
    return ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`connected` and `trouble` are asked when a page is rendered; a page that does refreshes."""

    datacenter: str
    node_name: str
    version: str
    started_at: datetime
    default_allow: bool  # of intentions
    acl_enabled: bool
    acl_default_allow: bool
    database: str = "SQLite"
    has_redis: bool = False
    lifetimes: Lifetimes = Lifetimes()
    connected: Callable[[], Collection[InstanceKey]] = no_proxies  # by an xDS stream to this server
    trouble: Callable[[], str] = no_trouble  # why no write is possible
