"""Has every server know the traffic of all: each tells the others what its own proxies reported.

Without Redis a server goes on with its own proxies, and what it knows of others becomes stale: late
reports are of no use, so none is kept. A proxy that changes its server is reported by the other
one from then on, and by one at a time.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from secrets import token_hex
from threading import Lock

import msgspec

from meshcore.store.channel import Channel
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Report

logger = logging.getLogger(__name__)

CHANNEL = "tulle:traffic:1"  # the number is that of the form of what is said
SEND_S = 0.5
# Reports wait for half a second; with more than that, some server's numbers are stale elsewhere.
MOST_WAITING = 20_000
REPORTS_AT_ONCE = 250
MOST_SERVERS = 64  # of which it is known what was heard last


class Batch(msgspec.Struct, frozen=True, array_like=True):
    server: str
    number: int
    reports: tuple[Report, ...]


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(Batch)


class SharedTraffic:
    def __init__(self, url: str, traffic: Traffic) -> None:
        self._traffic = traffic
        self._server = token_hex(8)  # another one at each start
        self._number = 0
        self._lock = Lock()
        self._waiting: list[Report] = []
        self._heard: OrderedDict[str, int] = OrderedDict()
        self._channel = Channel(
            url, CHANNEL, heard=self._take, meanwhile="the traffic of other servers is not known"
        )
        traffic.tell(self._share)

    async def run(self) -> None:
        """Until it is cancelled."""
        self._channel.start()
        try:
            while True:
                await asyncio.sleep(SEND_S)
                await asyncio.to_thread(self.send)
        finally:
            self._channel.stop()

    def _share(self, report: Report) -> None:
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(report)

    def send(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for first in range(0, len(waiting), REPORTS_AT_ONCE):
            self._number += 1
            reports = tuple(waiting[first : first + REPORTS_AT_ONCE])
            self._channel.send(ENCODER.encode(Batch(self._server, self._number, reports)))

    def _take(self, message: bytes) -> None:
        try:
            batch = DECODER.decode(message)
        except msgspec.MsgspecError as error:
            logger.warning("another server's traffic is not understood: %s", error)
            return
        if batch.server == self._server or batch.number <= self._heard.get(batch.server, 0):
            return
        self._heard[batch.server] = batch.number
        self._heard.move_to_end(batch.server)
        if len(self._heard) > MOST_SERVERS:
            self._heard.popitem(last=False)
        now_s = time.time()
        for report in batch.reports:
            self._traffic.add(report, now_s=now_s)
