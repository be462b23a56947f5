"""Keeps certificates fresh: roots by their steps, leaves by their windows, the record bounded.

With workers, beat has one of them do it each second, and servers stand by: they do what is late by
so much that nobody else seems to. A server without Redis does it at its time.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from meshcore.certificates.types import Lifetimes
from meshcore.store import issued
from meshcore.store.store import Store

CLAIM = "certificates"
CLAIM_S = 60  # more than signing all leaves of a large mesh takes
PAUSE_S = 60 * 60.0
STANDING_BY = timedelta(minutes=1)

log = logging.getLogger(__name__)


def lateness(lifetimes: Lifetimes) -> timedelta:
    """How late things are when a server that stands by does them; short-lived leaves wait less."""
    return min(STANDING_BY, lifetimes.leaf / 20)


async def prune_records(store: Store) -> None:
    """Run until it is cancelled."""
    while True:
        await asyncio.to_thread(prune_once, store)
        await asyncio.sleep(PAUSE_S)


def prune_once(store: Store) -> None:
    try:
        dropped = issued.prune(now=datetime.now(UTC), alias=store.alias)
    except Exception:  # the outermost loop of this task: it must not end with one failure
        log.exception("certificates that have ended long ago are still on record")
        return
    if dropped:
        log.info("%d certificates that have ended long ago are on record no more", dropped)
