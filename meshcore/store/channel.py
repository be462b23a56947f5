"""A Redis channel: what this process says to the others, and hears of them.

Nothing that is said is kept: who does not listen at that moment never hears it.
"""

import logging
import threading
import time
from collections.abc import Callable

import redis

logger = logging.getLogger(__name__)

LISTEN_S = 0.25  # how long a stop may have to wait
RETRY_S = 1.0
# Whoever says something waits for it, so a Redis that hangs must not hold them for long.
SEND_TIMEOUT_S = 0.2


class Channel:
    """`meanwhile` is what a log entry says about the time without Redis."""

    def __init__(
        self, url: str, name: str, *, heard: Callable[[bytes], None], meanwhile: str
    ) -> None:
        self._url = url
        self._name = name
        self._heard = heard
        self._meanwhile = meanwhile
        self._sender = redis.Redis.from_url(
            url, socket_timeout=SEND_TIMEOUT_S, socket_connect_timeout=SEND_TIMEOUT_S
        )
        self._send_again_at = 0.0
        self.is_away = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._sender.close()

    def send(self, message: bytes) -> None:
        if time.monotonic() < self._send_again_at:
            return
        try:
            self._sender.publish(self._name, message)
        except redis.RedisError as error:
            self._send_again_at = time.monotonic() + RETRY_S
            self._lost(error)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen_once()
            except redis.RedisError as error:
                self._lost(error)
                self._stopping.wait(RETRY_S)

    def _listen_once(self) -> None:
        with (
            redis.Redis.from_url(self._url, socket_connect_timeout=RETRY_S) as client,
            client.pubsub(ignore_subscribe_messages=True) as pubsub,
        ):
            pubsub.subscribe(self._name)
            while not self._stopping.is_set():
                message = pubsub.get_message(timeout=LISTEN_S)
                self._found()
                if message:
                    self._heard(message["data"])

    def _lost(self, error: redis.RedisError) -> None:
        if not self.is_away:
            logger.warning("Redis is away, %s: %s", self._meanwhile, error)
        self.is_away = True

    def _found(self) -> None:
        if self.is_away:
            logger.warning("Redis is back")
        self.is_away = False
