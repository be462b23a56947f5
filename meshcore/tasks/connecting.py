"""How tasks reach Redis, and go on trying."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

ANSWER_S = 5.0  # a Redis that hangs is taken for one that is away
RETRY_S = 1.0

logger = logging.getLogger(__name__)


def connected(redis_url: str) -> Redis:
    return Redis.from_url(
        redis_url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, max_connections=64
    )


def is_cancelled() -> bool:
    """Every loop around Redis asks: its client looks for stray data under `asyncio.timeout(0)`,
    which swallows a cancellation that comes at that moment (a third of them, when tried).
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def forever(once: Callable[[], Awaitable[None]], *, what: str) -> None:
    """Do it again and again until cancelled, whatever fails."""
    is_away = False
    while not is_cancelled():
        try:
            await once()
            is_away = False
        except RedisError as error:
            if not is_away:
                logger.warning("%s: Redis is away: %s", what, error)
            is_away = True
            await asyncio.sleep(RETRY_S)
        except Exception:  # the outermost loop: it must not end with one failure
            logger.exception("%s failed", what)
            await asyncio.sleep(RETRY_S)
