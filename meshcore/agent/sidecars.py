"""An Envoy for each sidecar that is registered on this host, for as long as it is."""

import asyncio
import contextlib
import json
import logging
import socket
import time
import zlib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import Counter

from meshcore.agent.envoy import run_envoy
from meshcore.agent.host import Host
from meshcore.agent.servers import Servers
from meshcore.agent.settings import Settings
from meshcore.agent.sidecar_stats import exporting_of
from meshcore.agent.sidecar_tokens import revoke, token_for
from meshcore.agent.trust import Known, Trust
from meshcore.client.address import Address
from meshcore.client.http import UnreachableError
from meshcore.lib.errors import MeshError, UnavailableError
from meshcore.registry.types import CONNECT_PROXY
from meshcore.registry.view import Registry
from meshcore.sidecars import roots
from meshcore.sidecars.bootstrap import Start, bootstrap
from meshcore.sidecars.envoy import arguments
from meshcore.sidecars.files import bootstrap_file, roots_file, write_private

ENDED = Counter("tulle_agent_ended_envoys", "Envoys that ended by themselves")
LOOPBACK = "127.0.0.1"
ADMIN_PORTS = range(19000, 20000)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STABLE_AFTER_S = 60.0
RETRY_S = 1.0

logger = logging.getLogger(__name__)


class Sidecar(msgspec.Struct, frozen=True):
    """What an Envoy is started for; another one of these needs another Envoy."""

    proxy_id: str
    service: str


def wanted(registry: Registry, node: str) -> frozenset[Sidecar]:
    return frozenset(
        Sidecar(record.value.id, record.value.proxy.destination_service)
        for record in registry.on_node(node).values()
        if record.value.kind == CONNECT_PROXY and record.value.proxy is not None
    )


class Sidecars:
    def __init__(self, host: Host, servers: Servers, settings: Settings, *, binary: str) -> None:
        self._host = host
        self._servers = servers
        self._settings = settings
        self._binary = binary
        self._trust = Trust(servers, token=settings.own_token)
        self._running: dict[Sidecar, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._ports: dict[Sidecar, int] = {}

    async def run(self) -> None:
        """Run until it is cancelled; each Envoy is drained then."""
        changed = self._host.reader()
        following = asyncio.create_task(self._trust.follow(self._tell))
        try:
            while True:
                await changed.wait()
                changed.clear()
                self._start_and_stop()
        finally:
            tasks = (following, *self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, *self._ending, return_exceptions=True)

    def _start_and_stop(self) -> None:
        now = wanted(self._host.registry, self._host.node.name)
        for sidecar in self._running.keys() - now:
            logger.info("stopping the Envoy of %s", sidecar.proxy_id)
            ending = asyncio.create_task(self._end(sidecar, self._running.pop(sidecar)))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
        for sidecar in sorted(now - self._running.keys(), key=lambda each: each.proxy_id):
            self._running[sidecar] = asyncio.create_task(self._keep(sidecar))

    async def _end(self, sidecar: Sidecar, task: asyncio.Task[None]) -> None:
        """Drain it, and leave nothing that it was given, unless it is wanted again meanwhile."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if any(each.proxy_id == sidecar.proxy_id for each in self._running):
            return
        data_dir = self._settings.data_dir
        bootstrap_file(sidecar.proxy_id, data_dir=data_dir).unlink(missing_ok=True)
        self._roots_file(sidecar).unlink(missing_ok=True)
        await revoke(self._servers, self._settings, proxy_id=sidecar.proxy_id)

    def _tell(self, known: Known) -> None:
        """Each Envoy reads its file again when it changes."""
        for sidecar in self._running:
            roots.write(self._roots_file(sidecar), known.bundle)

    async def _keep(self, sidecar: Sidecar) -> None:
        """Start it again when it ends, ever later while it does not stay."""
        pause_s = FIRST_PAUSE_S
        try:
            while True:
                port = self._free_port(sidecar)
                file = await self._written(sidecar, admin_port=port)
                logger.info("Envoy of %s, admin page on %s:%d", sidecar.proxy_id, LOOPBACK, port)
                began_s = time.monotonic()
                code = await run_envoy(
                    arguments(self._binary, file, ()),
                    admin=Address(text="", host=LOOPBACK, port=port),
                )
                ENDED.inc()
                if time.monotonic() - began_s > STABLE_AFTER_S:
                    pause_s = FIRST_PAUSE_S
                logger.error(
                    "the Envoy of %s ended with %d; it is started again in %g s",
                    *(sidecar.proxy_id, code, pause_s),
                )
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                self._ports.pop(sidecar, None)
        except Exception:  # the outermost loop of this Envoy: the others go on
            logger.exception("the Envoy of %s is not run", sidecar.proxy_id)
        finally:
            self._ports.pop(sidecar, None)

    async def _written(self, sidecar: Sidecar, *, admin_port: int) -> Path:
        """The bootstrap, once all that is in it is known."""
        known = await self._trust.known()
        token = await self._token(sidecar)
        trusted = self._roots_file(sidecar)
        roots.write(trusted, known.bundle)
        file = bootstrap_file(sidecar.proxy_id, data_dir=self._settings.data_dir)
        assert self._settings.grpc_port is not None
        start = Start(
            proxy_id=sidecar.proxy_id,
            service=sidecar.service,
            node_name=self._host.node.name,
            datacenter=self._settings.datacenter,
            trust_domain=known.trust_domain,
            trust_bundle=known.bundle,
            roots_file=str(trusted),
            grpc_host=reached_at(self._settings.client_addr),
            grpc_port=self._settings.grpc_port,
            admin_port=admin_port,
            token=token,
            exporting=await exporting_of(
                self._servers, self._config(sidecar), proxy_id=sidecar.proxy_id, token=token
            ),
        )
        write_private(file, json.dumps(bootstrap(start), indent=2))
        return file

    async def _token(self, sidecar: Sidecar) -> str:
        said = ""
        while True:
            try:
                return await token_for(
                    self._host,
                    self._servers,
                    self._settings,
                    proxy_id=sidecar.proxy_id,
                    service=sidecar.service,
                )
            except MeshError as error:
                if not isinstance(error, UnreachableError) and str(error) != said:
                    said = str(error)
                    logger.error("no token for the Envoy of %s: %s", sidecar.proxy_id, said)
            await asyncio.sleep(RETRY_S)

    def _config(self, sidecar: Sidecar) -> Mapping[str, Any]:
        instance = self._host.registry.instance((self._host.node.name, sidecar.proxy_id))
        return instance.proxy.config if instance is not None and instance.proxy else {}

    def _roots_file(self, sidecar: Sidecar) -> Path:
        return roots_file(sidecar.proxy_id, data_dir=self._settings.data_dir)

    def _free_port(self, sidecar: Sidecar) -> int:
        """The same after a restart, and far from those of another agent of this machine."""
        name = f"{self._host.node.name}/{sidecar.proxy_id}"
        first = zlib.crc32(name.encode()) % len(ADMIN_PORTS)
        ports: tuple[int, ...] = (*ADMIN_PORTS[first:], *ADMIN_PORTS[:first])
        for port in ports:
            if port not in self._ports.values() and is_free(port):
                self._ports[sidecar] = port
                return port
        raise UnavailableError(f"no port is free from {ADMIN_PORTS[0]} to {ADMIN_PORTS[-1]}")


def reached_at(listens_on: str) -> str:
    """Where this host's own programs find what listens there."""
    return LOOPBACK if ip_address(listens_on).is_unspecified else listens_on


def is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        return True
    return False
