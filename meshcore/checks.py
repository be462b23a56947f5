"""Who does what is due by time: workers where there is Redis, else the server itself."""

import asyncio

from meshcore.configuration.types import Configuration
from meshcore.probes import policy
from meshcore.registry.heartbeats import Heartbeats
from meshcore.store.store import Store
from meshcore.tasks.checks import run_checks
from meshcore.tasks.liveness import Connected, watch_nodes
from meshcore.tasks.sharing import share
from meshcore.tasks.tokens import prune_tokens


async def running(
    configuration: Configuration, store: Store, heartbeats: Heartbeats, *, connected: Connected
) -> None:
    """Do the server's part in it until cancelled."""
    if configuration.redis_url:
        await share(store, heartbeats, connected, redis_url=configuration.redis_url)
        return
    reconnect_s = configuration.reconnect_timeout.total_seconds()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_checks(store, heartbeats=heartbeats, policy=policy_of(configuration)))
        tasks.create_task(prune_tokens(store))
        tasks.create_task(watch_nodes(store, heartbeats, connected, reconnect_s=reconnect_s))


def policy_of(configuration: Configuration) -> policy.Policy:
    return policy.policy_of(
        configuration.check_allowed_networks or (), ca_file=configuration.check_ca_file
    )
