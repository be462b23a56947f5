"""What only one worker at a time is to do: whoever has set the key in Redis does it.

A worker that dies with its claim keeps others from it until the key runs out. The claim spares
work; what makes two at once harmless are the actions, which decide again on the mesh they change.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import redis

PREFIX = "tulle:claim:"
PATIENCE_S = 5.0
RELEASE = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"

log = logging.getLogger(__name__)


@contextmanager
def claimed(redis_url: str, name: str, *, for_s: int) -> Iterator[bool]:
    """Whether it is this worker's until the end of the block, or for so long at the most."""
    mine = token_hex(8)
    client = redis.Redis.from_url(
        redis_url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
    )
    with client:
        try:
            is_mine = bool(client.set(PREFIX + name, mine, nx=True, ex=for_s))
        except redis.RedisError as error:
            log.warning("%s cannot be claimed: Redis is away (%s)", name, type(error).__name__)
            yield False
            return
        try:
            yield is_mine
        finally:
            if is_mine:
                release(client, PREFIX + name, mine)


def release(client: redis.Redis, key: str, mine: str) -> None:
    """Only what is still ours: a claim that ran out may be another's by now."""
    try:
        client.eval(RELEASE, 1, key, mine)
    except redis.RedisError:
        log.warning("%s runs out by itself: Redis is away", key)
