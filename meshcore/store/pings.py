"""Tells other processes through Redis that the log has grown, so that they need not poll for it.

A ping is a hint and never data: one that is lost, doubled or late does no harm.
"""

from collections.abc import Callable

from meshcore.store.channel import Channel

CHANNEL = "tulle:log"


def pings(url: str, *, heard: Callable[[int], None]) -> Channel:
    def ping(message: bytes) -> None:
        if message.isdigit():
            heard(int(message))

    return Channel(url, CHANNEL, heard=ping, meanwhile="changes of other servers are polled")


def ping(index: int) -> bytes:
    return b"%d" % index
