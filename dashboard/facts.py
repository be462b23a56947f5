"""What a page shows beside the mesh: the process that it is rendered by."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

import msgspec

from meshcore.acl.authorizer import Authorizer
from meshcore.certificates.types import Lifetimes
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.proxycfg.state import NoProxies, Proxies
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import InstanceKey
from meshcore.store.history import EVERYTHING, Found, MaySee, Wanted
from meshcore.store.log import Entry
from meshcore.topology.types import Graph, LiveGraph
from meshcore.traffic.live import Traffic

NOTHING = Found(entries=(), before=None, looked_back_to=None, is_filtered=False)


def no_proxies() -> Collection[InstanceKey]:
    return ()


def no_trouble() -> str:
    return ""


def no_age() -> float:
    return 0.0


def nothing_waiting() -> int:
    return 0


class Log(Protocol):
    """The log as far as a reader may see it (store/history.py)."""

    def recent(
        self, wanted: Wanted = EVERYTHING, *, upto: int, limit: int, may_see: MaySee
    ) -> Found: ...

    def older(
        self, wanted: Wanted = EVERYTHING, *, before: int, limit: int, may_see: MaySee
    ) -> Found: ...

    def entry(self, index: int, *, may_see: MaySee) -> Entry: ...


class NothingLogged:
    def recent(self, wanted: Wanted = EVERYTHING, **_asked: object) -> Found:
        return NOTHING

    def older(self, wanted: Wanted = EVERYTHING, **_asked: object) -> Found:
        return NOTHING

    def entry(self, index: int, **_asked: object) -> Entry:
        raise NotFoundError(f"there is no change {index}")


class Graphs(Protocol):
    """The mesh as a picture, for one set of rights (store/graphs.py)."""

    def of(self, mesh: Mesh, authorizer: Authorizer) -> Graph: ...

    def live(self, mesh: Mesh, authorizer: Authorizer, *, now_s: float) -> LiveGraph: ...


class NothingDrawn:
    def of(self, mesh: Mesh, _authorizer: Authorizer) -> Graph:
        return Graph(index=mesh.index, default_verdict="deny", groups=(), vertices=(), edges=())

    def live(self, mesh: Mesh, _authorizer: Authorizer, *, now_s: float) -> LiveGraph:
        return LiveGraph(index=mesh.index, default_verdict="deny", groups=(), vertices=(), edges=())


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
    history: Log = NothingLogged()
    graphs: Graphs = NothingDrawn()
    traffic: Traffic = msgspec.field(default_factory=Traffic)
    heartbeats: Heartbeats = msgspec.field(default_factory=Heartbeats)  # what checks say meanwhile
    connected: Callable[[], Collection[InstanceKey]] = no_proxies  # by an xDS stream to this server
    proxies: Proxies = NoProxies()  # the same streams in detail
    trouble: Callable[[], str] = no_trouble  # why no write is possible
    age_s: Callable[[], float] = no_age  # for how long the log could not be followed
    ping_trouble: Callable[[], str] = no_trouble  # why other servers' changes come late
    waiting: Callable[[], int] = nothing_waiting  # writes that wait for their turn
    settings: tuple[tuple[str, str], ...] = ()  # in force, without secrets
