"""Connections to one server that wait for the next request."""

import ssl
import time
from collections import deque

from meshcore.agent.exchange import Streams, connected, hang_up
from meshcore.client.address import Address

MOST_IDLE = 16
LONGEST_IDLE_S = 30.0  # servers of ours hang up after 75


class Connections:
    def __init__(self, place: Address, *, tls: ssl.SSLContext | None) -> None:
        self.place = place
        self._tls = tls
        self._idle: deque[tuple[float, Streams]] = deque()

    async def fresh(self) -> Streams:
        return await connected(self.place, self._tls)

    def idle(self) -> Streams | None:
        """One that the server has not left, as far as we know; the youngest first."""
        while self._idle:
            since_s, streams = self._idle.pop()
            is_young = time.monotonic() - since_s < LONGEST_IDLE_S
            if is_young and not streams[0].at_eof() and not streams[1].is_closing():
                return streams
            hang_up(streams)
        return None

    def keep(self, streams: Streams) -> None:
        self._idle.append((time.monotonic(), streams))
        while len(self._idle) > MOST_IDLE:
            hang_up(self._idle.popleft()[1])

    def close(self) -> None:
        while self._idle:
            hang_up(self._idle.popleft()[1])
