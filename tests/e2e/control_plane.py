"""Store, certificate authority and xDS server, in this process on an event loop of their own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import uvicorn
import uvloop

from meshcore.acl.types import ServiceIdentity, Token
from meshcore.actions.intentions import revoking
from meshcore.certificates import sealing
from meshcore.certificates.types import Lifetimes
from meshcore.config_entries.types import ConfigEntry, ProxyDefaults, ServiceDefaults
from meshcore.consul_api import app as consul_api
from meshcore.consul_api.context import Context
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.apply import record_of
from meshcore.mesh.types import Change, Key, Mesh, Topic, Value
from meshcore.proxycfg.state import ConnectedProxy
from meshcore.registry.types import (
    CONNECT_PROXY,
    Check,
    Instance,
    Node,
    Proxy,
    Status,
    Upstream,
    Weights,
)
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.telemetry import door as telemetry
from meshcore.telemetry.door import Receiving
from meshcore.traffic.live import Traffic
from meshcore.xds.server import XdsServer, serve
from tests.store.calling import callers

DATACENTER = "dc1"
NODE = "node-1"
LOOPBACK = "127.0.0.1"
Result = TypeVar("Result")


def kept(
    before: ServiceIntentions | None, destination: str, own: tuple[Intention, ...], *, index: int
) -> ServiceIntentions:
    revoked_at = before.revoked_at if before else 0
    after = ServiceIntentions(destination=destination, intentions=own, revoked_at=revoked_at)
    return after if after == before else revoking(before, after, index=index)


class ControlPlane:
    def __init__(
        self, alias: str, *, default_allow: bool, lifetimes: Lifetimes, has_acls: bool
    ) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._default_allow = default_allow
        self._upkeep: Future[None] | None = None
        self._http: uvicorn.Server | None = None
        self._serving_http: Future[None] | None = None
        self.store = Store(alias=alias)
        self.store.open()
        self.callers = callers(self.store, is_enabled=has_acls, default_allow=not has_acls)
        self.issuer = Issuer(
            self.store,
            sealing_key=sealing.parse(sealing.generate()),
            datacenter=DATACENTER,
            lifetimes=lifetimes,
        )
        self.run(self.issuer.prepare())
        self.traffic = Traffic()
        self.xds = self._serve(0)
        self.put(Topic.NODE, (NODE,), Node(name=NODE, address=LOOPBACK))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    def close(self) -> None:
        if self._upkeep is not None:
            self._upkeep.cancel()
        self.stop_http()
        self.run(self.xds.stop())
        self.store.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def serve_again(self, *, write_timeout_s: float = 10) -> None:
        """As a new server process would: what the old one knew of its streams is gone."""
        self.xds = self._serve(self.xds.port, write_timeout_s=write_timeout_s)

    def cut_streams(self) -> int:
        async def look() -> int:
            return self.xds.streams.cut

        return self.run(look())

    def serve_http(self, port: int) -> None:
        """The API under /v1, for programs that ask it where everything is, until it is closed."""
        context = Context(
            store=self.store,
            callers=self.callers,
            issuer=self.issuer,
            node_name=NODE,
            xds_port=self.xds.port,
        )
        config = uvicorn.Config(
            consul_api.create(context),
            host=LOOPBACK,
            port=port,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=0,
        )
        self._http = uvicorn.Server(config)
        self._serving_http = asyncio.run_coroutine_threadsafe(self._http.serve(), self._loop)

    def stop_http(self) -> None:
        if self._http is not None and self._serving_http is not None:
            self._http.should_exit = True
            self._serving_http.result(timeout=20)

    def connected(self) -> list[ConnectedProxy]:
        return list(self.xds.inspection.connected())

    def has_been_asked(self, least: int) -> bool:
        """Whether so many types have been asked for on all streams together."""

        async def look() -> int:
            return sum(
                subscription.is_asked
                for stream in self.xds.streams.open
                for subscription in stream.protocol.subscriptions.values()
            )

        return self.run(look()) >= least

    def look_after_certificates(self) -> None:
        """As the server does in the background, but ten times a second, until the test is over."""

        async def look_after() -> None:
            while True:
                await self.issuer.rotations.advance()
                await self.issuer.leaves.renew()
                await asyncio.sleep(0.1)

        self._upkeep = asyncio.run_coroutine_threadsafe(look_after(), self._loop)

    def is_settled(self) -> bool:
        """Whether every stream has confirmed all that there is to send."""

        async def look() -> bool:
            subscriptions = [
                subscription
                for stream in self.xds.streams.open
                for subscription in stream.protocol.subscriptions.values()
            ]
            return all(s.in_flight is None and not s.is_stale for s in subscriptions)

        return self.run(look())

    def put(self, topic: Topic, key: Key, value: Value | None) -> None:
        self.put_all([(topic, key, value)])

    def put_all(self, values: Iterable[tuple[Topic, Key, Value | None]]) -> None:
        """As one action, so that no proxy sees one without the others."""

        def action(mesh: Mesh) -> Iterator[Change]:
            for topic, key, value in values:
                record = record_of(mesh, topic, key)
                before = record.value if record else None
                if before != value:
                    yield Change(topic, key, before, value)

        self.store.write_from_thread(action, actor="test")

    def give_token(
        self,
        service: str,
        *,
        secret: str,
        expires_at: datetime | None = None,
        roles: tuple[str, ...] = (),
    ) -> str:
        """For the sidecars of this service; return its accessor."""
        accessor_id = str(uuid4())
        token = Token(
            accessor_id=accessor_id,
            secret_hash=self.callers.hashed(secret),
            sealed_secret=self.callers.sealed(secret, accessor_id=accessor_id),
            created_at=datetime.now(UTC),
            expires_at=expires_at,
            roles=roles,
            service_identities=(ServiceIdentity(service=service),),
        )
        self.put(Topic.TOKEN, (accessor_id,), token)
        return accessor_id

    def revoke(self, accessor_id: str) -> None:
        self.put(Topic.TOKEN, (accessor_id,), None)

    def configure(self, entry: ServiceDefaults | ProxyDefaults) -> None:
        kept: ConfigEntry = entry
        self.put(Topic.CONFIG_ENTRY, (entry.kind, entry.name), kept)

    def intend(self, destination: str, *intentions: Intention) -> None:
        self.intend_all({destination: intentions})

    def intend_all(self, intentions: Mapping[str, tuple[Intention, ...]]) -> None:
        """As one action, so that no proxy sees one without the others; revisions as they come."""

        def action(mesh: Mesh) -> Iterator[Change]:
            for destination, own in intentions.items():
                before = mesh.intentions.to(destination)
                after = kept(before, destination, own, index=mesh.index + 1) if own else None
                if after != before:
                    yield Change(Topic.INTENTIONS, (destination,), before, after)

        self.store.write_from_thread(action, actor="test")

    def register_sidecar(
        self,
        service: str,
        *,
        port: int,
        app_port: int,
        upstreams: Iterable[Upstream] = (),
        weights: Weights | None = None,
        number: int = 1,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        """Return the id of the proxy."""
        proxy_id = f"{service}-{number}-sidecar-proxy"
        sidecar = Instance(
            node=NODE,
            id=proxy_id,
            service=f"{service}-sidecar-proxy",
            kind=CONNECT_PROXY,
            port=port,
            weights=weights or Weights(),
            proxy=Proxy(
                destination_service=service,
                destination_id=f"{service}-{number}",
                local_service_address=LOOPBACK,
                local_service_port=app_port,
                upstreams=tuple(upstreams),
                config=dict(config or {}),
            ),
        )
        self.put(Topic.INSTANCE, sidecar.key, sidecar)
        return proxy_id

    def deregister(self, proxy_id: str) -> None:
        self.put(Topic.INSTANCE, (NODE, proxy_id), None)

    def check(self, proxy_id: str, status: Status) -> None:
        check = Check(
            node=NODE, id=f"check-{proxy_id}", name="up", status=status, service_id=proxy_id
        )
        self.put(Topic.CHECK, check.key, check)

    def _serve(self, port: int, *, write_timeout_s: float = 10) -> XdsServer:
        return self.run(
            serve(
                store=self.store,
                callers=self.callers,
                issuer=self.issuer,
                address=f"{LOOPBACK}:{port}",
                datacenter=DATACENTER,
                default_allow=self._default_allow,
                write_timeout_s=write_timeout_s,
                beside=(telemetry.handlers(self._receiving()),),
            )
        )

    def _receiving(self) -> Receiving:
        return Receiving(
            store=self.store,
            callers=self.callers,
            traffic=self.traffic,
            default_allow=self._default_allow,
        )
