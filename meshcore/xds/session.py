"""One proxy's stream at work: the mesh's changes and the proxy's requests become responses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec

from meshcore.certificates.holders import instance_leaf_key
from meshcore.lib.errors import UnavailableError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.proxycfg import snapshot as proxycfg
from meshcore.proxycfg.types import Settings, Snapshot
from meshcore.store.callers import Callers
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.xds import resource_set, wire
from meshcore.xds.admission import Admission
from meshcore.xds.names import SDS
from meshcore.xds.shared import SharedParts
from meshcore.xds.stream import DeltaStream
from meshcore.xds.streams import OpenStream, Streams

RETRY_S = 1.0

log = logging.getLogger(__name__)


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What all sessions of one server share."""

    store: Store
    issuer: Issuer
    settings: Settings
    callers: Callers
    streams: Streams
    shared: SharedParts


class Session:
    def __init__(
        self, serving: Serving, opened: OpenStream, *, node: str, admission: Admission
    ) -> None:
        self._serving = serving
        self._opened = opened
        self._node = node
        self._admission = admission
        self._snapshot: Snapshot | None = None
        self._private_key_pem = ""
        self._authorized = ""  # the service that the token was found good for
        self._touched: frozenset[WatchKey] = frozenset()
        self._is_behind = True
        self._wake = asyncio.Event()
        self._subscription = serving.store.subscribe((), self._on_change)

    @property
    def protocol(self) -> DeltaStream:
        return self._opened.protocol

    def receive(self, message: bytes) -> None:
        self.protocol.receive(wire.request(message), now=datetime.now(UTC))
        self._wake.set()

    async def run(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Raise DeniedError when the token is not good for the service."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._is_behind:
                    await self._catch_up()
                for response in self.protocol.due():
                    self._opened.pushes += 1
                    self._opened.sent_at[response.type] = datetime.now(UTC)
                    self._opened.writing_since = loop.time()
                    await write(wire.encode(response))
                    self._opened.writing_since = None
        finally:
            self._subscription.close()

    def _on_change(self, _mesh: Mesh, touched: frozenset[WatchKey]) -> None:
        self._touched = self._touched | touched if self._touched else touched
        self._is_behind = True
        self._wake.set()

    async def _catch_up(self) -> None:
        try:
            after = await self._current()
        except UnavailableError as error:
            log.warning("%s waits for its certificate: %s", self._opened.proxy_id, error)
            asyncio.get_running_loop().call_later(RETRY_S, self._wake.set)
            return
        if after is None:
            return  # not registered yet, or no more: it waits, or keeps what it has
        before, self._snapshot = self._snapshot, after
        for type_ in resource_set.outdated(before, after):
            if type_ == SDS and (before is None or before.leaf is not after.leaf):
                assert after.leaf is not None
                self._private_key_pem = self._serving.issuer.private_key_pem(after.leaf)
            made = resource_set.resources(type_, after, private_key_pem=self._private_key_pem)
            self.protocol.offer(type_, made)

    async def _current(self) -> Snapshot | None:
        """The snapshot of the newest mesh, with the certificate that is issued for it."""
        while True:
            self._is_behind, touched, self._touched = False, self._touched, frozenset()
            current = self._refreshed(touched) or self._whole()
            if current is None:
                return None
            if current.service != self._authorized:
                self._opened.accessor = self._admission.to(current.service)
                self._authorized = current.service
            if self._is_good(current):
                return current
            self._is_behind = True  # and stays so when none can be issued now
            await self._serving.issuer.leaf(instance_leaf_key(*current.proxy), current.service)

    def _is_good(self, current: Snapshot) -> bool:
        """An ended leaf may be there when all servers were away for long."""
        leaf, issuer = current.leaf, self._serving.issuer
        return leaf is not None and leaf.service == current.service and not issuer.is_over(leaf)

    def _refreshed(self, touched: frozenset[WatchKey]) -> Snapshot | None:
        if self._snapshot is None or not touched:
            return None
        return proxycfg.refreshed(
            self._snapshot,
            self._serving.store.mesh,
            touched,
            self._serving.settings,
            endpoints=self._serving.shared.endpoints,
            authorization=self._serving.shared.authorization,
        )

    def _whole(self) -> Snapshot | None:
        """Watch first and read then: what is committed in between must not be missed."""
        store, settings = self._serving.store, self._serving.settings
        proxy = proxycfg.find(store.mesh, self._opened.proxy_id, node=self._node)
        self._opened.proxy = proxy
        if proxy is None:
            self._subscription.watch((watch.INSTANCES, watch.ROOTS))
            proxy = proxycfg.find(store.mesh, self._opened.proxy_id, node=self._node)
            if proxy is None:
                return None
        self._subscription.watch(proxycfg.watch_keys(store.mesh, proxy, settings))
        return proxycfg.snapshot(
            store.mesh,
            proxy,
            settings,
            endpoints=self._serving.shared.endpoints,
            authorization=self._serving.shared.authorization,
        )
