"""Deletes the tokens whose time has long been over; no door lets them in before that either."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

from meshcore.actions.logins import prunable, prune_expired
from meshcore.lib.errors import MeshError
from meshcore.store.store import Store

ACTOR = "token expiry"
PAUSE_S = 60.0

logger = logging.getLogger(__name__)


async def prune_tokens(store: Store) -> None:
    """Run until it is cancelled."""
    while True:
        try:
            await prune_once(store, now=datetime.now(UTC))
        except MeshError as error:
            logger.warning("expired tokens are still to be deleted: %s", error)
        except Exception:  # the outermost loop of this task: it must not end with one failure
            logger.exception("deleting expired tokens failed")
        await asyncio.sleep(PAUSE_S)


async def prune_once(store: Store, *, now: datetime) -> None:
    """Write only when there is something to delete."""
    while any(prunable(store.mesh, now=now)):
        await store.write(partial(prune_expired, now=now), actor=ACTOR)
