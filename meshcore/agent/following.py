"""Follows the files: what they define from one look to the next."""

import asyncio
import logging

from meshcore.agent.declaring import declare
from meshcore.agent.documents import Defined, Rules
from meshcore.agent.host import Host
from meshcore.agent.sources import Sources

LOOK_EVERY_S = 1.0

logger = logging.getLogger(__name__)


async def follow(sources: Sources, host: Host, defined: Defined, *, rules: Rules) -> None:
    """Run until it is cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        after = sources.changed(rules)
        if after is not None:
            declare(host, defined, after, runs=rules.runs)
            defined = after
