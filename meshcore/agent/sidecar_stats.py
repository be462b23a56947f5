"""To whom else the Envoy of a sidecar tells its stats: what its config and that of all say."""

import logging
from collections.abc import Mapping
from typing import Any

from meshcore.agent.servers import Servers
from meshcore.client.http import UnreachableError
from meshcore.lib.errors import InvalidError, MeshError, NotFoundError
from meshcore.sidecars.exporting import NOTHING, Exporting, exporting

logger = logging.getLogger(__name__)


async def exporting_of(
    servers: Servers, own: Mapping[str, Any], *, proxy_id: str, token: str
) -> Exporting:
    """What is wrong in there is said, and keeps no Envoy from running."""
    try:
        return exporting({**await _of_all(servers, token=token), **own})
    except InvalidError as problem:
        logger.error("the stats of %s go to the server alone: %s", proxy_id, problem)
        return NOTHING


async def _of_all(servers: Servers, *, token: str) -> Mapping[str, Any]:
    try:
        found = await servers.ask("GET", "/v1/config/proxy-defaults/global", token=token)
    except (NotFoundError, UnreachableError):
        return {}
    except MeshError as refusal:
        logger.warning("the configuration of all proxies is not to be read: %s", refusal)
        return {}
    config: Mapping[str, Any] = found.get("Config") or {}
    return config
