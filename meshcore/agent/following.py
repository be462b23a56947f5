"""Follows the files: what they define from one look to the next."""

import asyncio
import contextlib

from meshcore.agent.declaring import declare
from meshcore.agent.documents import Defined, Rules
from meshcore.agent.host import Host
from meshcore.agent.sources import Sources

LOOK_EVERY_S = 1.0


async def follow(
    sources: Sources, host: Host, defined: Defined, *, rules: Rules, again: asyncio.Event
) -> None:
    """Run until it is cancelled; `again` is set by who cannot wait for the next look."""
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(again.wait(), LOOK_EVERY_S)
        again.clear()
        after = sources.changed(rules)
        if after is not None:
            declare(host, defined, after, runs=rules.runs)
            defined = after
