"""xDS for the Envoys of this host: their bytes go to whichever server is up, TLS and all.

An Envoy has one address for its control plane, which so outlives any one server.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from meshcore.agent.settings import Settings
from meshcore.client.address import address
from meshcore.lib.errors import UnavailableError

DEFAULT_PORT = 8502
LOOPBACK = "127.0.0.1"
CONNECT_S = 3.0
READ_SIZE = 64 * 1024

logger = logging.getLogger(__name__)


class Relay:
    def __init__(self, places: Sequence[tuple[str, int]]) -> None:
        self._places = tuple(places)
        self._first = 0  # the one that took the last connection
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, host: str, port: int) -> None:
        """Run until it is cancelled."""
        try:
            listening = await asyncio.start_server(self._accept, host, port)
        except OSError as error:
            raise UnavailableError(
                f"cannot listen on {host}:{port} for xDS: {error.strerror};"
                " set TULLE_GRPC_PORT to another port, or to -1 for none"
            ) from None
        async with listening:
            try:
                await listening.serve_forever()
            finally:
                for task in self._open:
                    task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._relay(reader, writer)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other = await self._connected()
            if other is None:
                return
            there, back = other
            try:
                await _first_to_end(_copy(reader, back), _copy(there, writer))
            finally:
                back.close()
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """To the first that is up; an Envoy that finds none tries again by itself."""
        for number in (*range(self._first, len(self._places)), *range(self._first)):
            host, port = self._places[number]
            try:
                async with asyncio.timeout(CONNECT_S):
                    streams = await asyncio.open_connection(host, port)
            except OSError as error:
                logger.debug("no xDS at %s:%d: %s", host, port, error)
                continue
            self._first = number
            return streams
        return None


async def _first_to_end(*copying: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(each) for each in copying]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(READ_SIZE):
        writer.write(part)
        await writer.drain()


def grpc_servers(settings: Settings) -> tuple[str, ...]:
    """Those that are named, else the hosts of those that are named for HTTP."""
    if settings.grpc_servers:
        return settings.grpc_servers
    places = [address(each, default_port=DEFAULT_PORT) for each in settings.servers or ()]
    return tuple(LOOPBACK if place.socket else _bracketed(place.host) for place in places)


def host_and_port(written: str) -> tuple[str, int]:
    place = address(written, default_port=DEFAULT_PORT)
    return place.host, place.port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
