"""One HTTP/2 conversation of a probe; what is read is bounded here, the time by the caller."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, Event
from h2.exceptions import ProtocolError

from meshcore.probes.connecting import Streams, Tls, connect
from meshcore.probes.policy import Policy

READ_SIZE = 8192
MAX_READ = 64 * 1024

__all__ = ["Conversation", "ProtocolError", "conversation"]


class Conversation:
    def __init__(self, streams: Streams) -> None:
        self._reader, self._writer = streams
        self.connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.connection.initiate_connection()

    async def events(self) -> AsyncGenerator[Event]:
        """Send what is to be sent, then yield what comes, until the other side has said enough."""
        await self._send()
        read = 0
        while read < MAX_READ:
            part = await self._reader.read(READ_SIZE)
            if not part:
                raise OSError("the connection was closed without an answer")
            read += len(part)
            for event in self.connection.receive_data(part):
                if isinstance(event, ConnectionTerminated):
                    raise OSError(f"the server ended the connection, code {event.error_code}")
                yield event
            await self._send()
        raise OSError(f"no answer within {MAX_READ} bytes")

    async def _send(self) -> None:
        self._writer.write(self.connection.data_to_send())
        await self._writer.drain()


@asynccontextmanager
async def conversation(
    host: str, port: int, *, tls: Tls | None, policy: Policy | None
) -> AsyncIterator[Conversation]:
    reader, writer = await connect(host, port, tls=tls, policy=policy)
    try:
        yield Conversation((reader, writer))
    finally:
        writer.close()
