"""xDS of whichever server is up, at one address for this host's Envoys."""

import asyncio
import contextlib

from meshcore.agent.relay import Relay
from tests.server.processes import free_port

LOOPBACK = "127.0.0.1"


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"echo " + await reader.readline())
    await writer.drain()
    writer.close()


async def exchange() -> bytes:
    served = await asyncio.start_server(echo, LOOPBACK, 0)
    up: int = served.sockets[0].getsockname()[1]
    port = free_port()
    relay = Relay([(LOOPBACK, 1), (LOOPBACK, up)])
    serving = asyncio.create_task(relay.serve(LOOPBACK, port))
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            break
        await asyncio.sleep(0)
    writer.write(b"hello\n")
    answer = await reader.read()
    writer.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    served.close()
    return answer


def test_bytes_pass_both_ways_by_the_server_that_is_up() -> None:
    assert asyncio.run(exchange()) == b"echo hello\n"
