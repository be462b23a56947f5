"""Tells the servers that this host lives, as often as they ask for."""

import asyncio
import logging
import random

from prometheus_client import Counter

from meshcore.agent.host import Host
from meshcore.agent.registering import Registrar
from meshcore.agent.servers import Servers
from meshcore.client.http import UnreachableError
from meshcore.lib.errors import MeshError, NotFoundError

MISSED = Counter("tulle_agent_missed_heartbeats", "Heartbeats that no server has taken")
PATH = "/v1/internal/node/heartbeat"
FIRST_INTERVAL_S = 5.0
SHORTEST_INTERVAL_S = 0.5
REGISTERED_WITHIN_S = 5.0
SOON_S = 1.0  # a node that is not registered will be in a moment

logger = logging.getLogger(__name__)


async def send_heartbeats(
    host: Host, servers: Servers, registrar: Registrar, *, token: str
) -> None:
    """Run until it is cancelled; an outage is told by who registers, and here it is waited for."""
    await registrar.caught_up(within_s=REGISTERED_WITHIN_S)
    interval_s, said = FIRST_INTERVAL_S, ""
    while True:
        try:
            interval_s = await beat(host, servers, token=token)
            said = ""
        except UnreachableError as error:
            MISSED.inc()
            logger.debug("no heartbeat: %s", error)
        except MeshError as refusal:
            MISSED.inc()
            if isinstance(refusal, NotFoundError):
                registrar.look_again()
                interval_s = SOON_S
            if str(refusal) != said:
                said = str(refusal)
                logger.error("no heartbeat: %s", said)
        spread = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, guards nothing
        await asyncio.sleep(interval_s * spread)


async def beat(host: Host, servers: Servers, *, token: str) -> float:
    """Return after how many seconds the next one is expected."""
    node = host.node
    body = {"Node": node.name, "ID": node.id, "Address": node.address}
    answer = await servers.ask("PUT", PATH, token=token, body=body)
    return max(float(answer["IntervalSeconds"]), SHORTEST_INTERVAL_S)
