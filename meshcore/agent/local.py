"""What the endpoints of the agent's own API are given."""

from collections.abc import Callable, Iterable

import msgspec

from meshcore.acl.rules import Rule
from meshcore.agent.host import Action, Host
from meshcore.agent.keeping import Keeper
from meshcore.agent.registering import Registrar
from meshcore.agent.requests import Content, Request
from meshcore.agent.servers import Servers
from meshcore.agent.settings import Settings
from meshcore.agent.verdicts import Verdicts
from meshcore.mesh.types import Mesh

DELIVERED_WITHIN_S = 2.0  # who registers and then asks a server finds it there, unless it is away
DONE = Content()


class Local(msgspec.Struct, frozen=True, kw_only=True):
    host: Host
    keeper: Keeper
    registrar: Registrar
    runs: frozenset[str]  # types of checks that are run for whoever registers them over HTTP
    servers: Servers
    settings: Settings
    verdicts: Verdicts
    version: str

    async def write(
        self, request: Request, action: Action, *, needs: Callable[[Mesh], Iterable[Rule]]
    ) -> None:
        await self.verdicts.require(request.secret, needs(self.host.mesh))
        self.host.write(action)

    async def delivered(self) -> None:
        """A server that is away keeps nobody waiting: what is registered here is registered."""
        await self.registrar.caught_up(within_s=DELIVERED_WITHIN_S)
