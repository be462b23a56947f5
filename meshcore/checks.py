"""Who runs the checks: workers where there is Redis, else the server itself."""

from collections.abc import Coroutine
from typing import Any

from meshcore.configuration.types import Configuration
from meshcore.probes import policy
from meshcore.registry.heartbeats import Heartbeats
from meshcore.store.store import Store
from meshcore.tasks.checks import run_checks
from meshcore.tasks.sharing import share


def running(
    configuration: Configuration, store: Store, *, heartbeats: Heartbeats
) -> Coroutine[Any, Any, None]:
    """The server's part in it."""
    if configuration.redis_url:
        return share(store, heartbeats, redis_url=configuration.redis_url)
    return run_checks(store, heartbeats=heartbeats, policy=policy_of(configuration))


def policy_of(configuration: Configuration) -> policy.Policy:
    return policy.policy_of(
        configuration.check_allowed_networks or (), ca_file=configuration.check_ca_file
    )
