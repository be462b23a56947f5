"""The roots of the mesh, by which Envoys know their control plane, as far as known here."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from meshcore.agent.servers import Servers
from meshcore.client.http import Json
from meshcore.lib.errors import MeshError
from meshcore.sidecars import roots

LOOK_EVERY_S = 5.0  # a new root is trusted long before anything is signed by it
RETRY_S = 1.0

logger = logging.getLogger(__name__)


class Known(msgspec.Struct, frozen=True):
    trust_domain: str
    bundle: str


class Trust:
    def __init__(self, servers: Servers, *, token: str) -> None:
        self._servers = servers
        self._token = token
        self._known: Known | None = None
        self._is_known = asyncio.Event()

    async def known(self) -> Known:
        """Wait for a server that says."""
        await self._is_known.wait()
        assert self._known is not None
        return self._known

    async def follow(self, changed: Callable[[Known], None]) -> None:
        """Run until it is cancelled; tell of each other set of roots than before."""
        while True:
            try:
                found = known_of(await self._servers.ask("GET", roots.PATH, token=self._token))
            except MeshError as error:
                logger.debug("the roots are not known: %s", error)
                await asyncio.sleep(RETRY_S)
                continue
            if found is not None and found != self._known:
                self._known = found
                self._is_known.set()
                changed(found)
            await asyncio.sleep(LOOK_EVERY_S if found else RETRY_S)


def known_of(authority: Json) -> Known | None:
    bundle = roots.bundle(authority)
    return Known(authority["TrustDomain"], bundle) if bundle else None
