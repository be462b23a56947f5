"""Keeps the catalog as this host wants it: at every change, at intervals, and after failures."""

import asyncio
import contextlib
import logging
import random
from functools import partial

from meshcore.actions.checks import set_check_status
from meshcore.agent import catalog
from meshcore.agent.host import Host
from meshcore.agent.reconcile import Put, State, Step, Take, adopted, after, steps, wanted
from meshcore.agent.servers import Servers
from meshcore.agent.settings import Settings
from meshcore.client.http import UnreachableError
from meshcore.lib.errors import MeshError

LOOK_AGAIN_S = 60.0  # at what the catalog has, which others may have changed
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 4.0

logger = logging.getLogger(__name__)


class Registrar:
    def __init__(self, host: Host, servers: Servers, settings: Settings) -> None:
        self._changed = host.reader()
        self._is_doubtful = False  # whether the catalog may be another than we know
        self._reached = 0  # the index of the host that the catalog has
        self._is_away = False
        self._turn = asyncio.Condition()
        self._host = host
        self._servers = servers
        self._settings = settings
        self._found: State | None = None  # as far as we know; None to look again
        self._refused: list[Step] = []  # not tried again until the catalog is looked at again
        self._has_adopted = False
        self._said = ""

    def look_again(self) -> None:
        """At what the catalog has: somebody has taken this node off it."""
        self._is_doubtful = True
        self._changed.set()

    @property
    def is_current(self) -> bool:
        """Whether the catalog has what is wanted now, as far as we know."""
        return not self._is_away and not self._refused and self._reached >= self._host.mesh.index

    async def caught_up(self, *, within_s: float) -> None:
        """Until the catalog has what is wanted now; not longer, and not while no server answers."""
        index = self._host.mesh.index
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._turn:
                await self._turn.wait_for(lambda: self._is_away or self._reached >= index)

    async def run(self) -> None:
        """Run until it is cancelled."""
        pause_s = FIRST_PAUSE_S
        while True:
            self._changed.clear()
            try:
                await self._bring_up_to_date()
            except UnreachableError as error:
                self._say(f"{error}; everything on this host goes on as it is")
                await self._tell(is_away=True)
                await asyncio.sleep(_about(pause_s))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            except Exception:  # the outermost loop of this task: it must not end with one failure
                logger.exception("registering failed")
                self._found = None
                await asyncio.sleep(_about(LONGEST_PAUSE_S))
                continue
            pause_s = FIRST_PAUSE_S
            self._say("")
            try:
                await asyncio.wait_for(self._changed.wait(), _about(LOOK_AGAIN_S))
            except TimeoutError:
                self._found = None

    async def _tell(self, *, is_away: bool) -> None:
        self._is_away = is_away
        async with self._turn:
            self._turn.notify_all()

    def _say(self, problem: str) -> None:
        """Once for each outage."""
        if problem and problem != self._said:
            logger.warning("%s", problem)
        elif self._said and not problem:
            logger.info("a server answers again, and has all that is registered here")
        self._said = problem

    async def _bring_up_to_date(self) -> None:
        host = self._host
        if self._found is None or self._is_doubtful:
            self._is_doubtful = False
            self._found = await self._look()
            self._refused.clear()
            self._adopt(self._found)
        index = host.mesh.index
        for step in steps(wanted(host.registry, host.node.name), self._found):
            if step not in self._refused:
                await self._take(step)
        self._reached = index
        await self._tell(is_away=False)

    async def _look(self) -> State:
        """What a token may not see is as if it were not there: it is written again."""
        token = self._settings.own_token
        try:
            return await catalog.find(self._servers, self._host.node.name, token=token)
        except UnreachableError:
            raise
        except MeshError as refusal:
            logger.error("the catalog cannot be read: %s", refusal)
            return State()

    async def _take(self, step: Step) -> None:
        assert self._found is not None
        try:
            await catalog.take(
                self._servers,
                step,
                node=self._host.node,
                datacenter=self._settings.datacenter,
                token=self._token_for(step),
            )
        except UnreachableError:
            self._found = None
            raise
        except MeshError as refusal:
            logger.error("%s: %s", described(step), refusal)
            self._refused.append(step)
            return
        logger.debug("%s: done", described(step))
        self._found = after(self._found, step)

    def _adopt(self, found: State) -> None:
        """Once, after the start."""
        if self._has_adopted:
            return
        self._has_adopted = True
        host = self._host
        for check in adopted(host.registry, found, node=host.node.name):
            host.write(
                partial(
                    set_check_status,
                    node=check.node,
                    check_id=check.id,
                    status=check.status,
                    output=check.output,
                )
            )

    def _token_for(self, step: Step) -> str:
        """A service's own token, for whoever registered it may have chosen one."""
        settings = self._settings
        if isinstance(step, Put) and step.node is not None:
            return settings.own_token
        key = _owner(step)
        token = self._host.tokens.get(key) or settings.default_token
        return token or settings.own_token


def _owner(step: Step) -> str:
    if isinstance(step, Take):
        return step.service_id or step.check_id
    if step.instance is not None:
        return step.instance.sidecar_of or step.instance.id
    return step.checks[0].service_id or step.checks[0].id


def described(step: Step) -> str:
    if isinstance(step, Take):
        what = f"service {step.service_id}" if step.service_id else f"check {step.check_id}"
        return f"deregistering {what}"
    if step.node is not None:
        return f"registering node {step.node.name}"
    if step.instance is not None:
        return f"registering service {step.instance.id}"
    return f"telling of {', '.join(check.id for check in step.checks)}"


def _about(seconds: float) -> float:
    """Apart from other agents, which have lost the same server at the same moment."""
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
