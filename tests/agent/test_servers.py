"""Which server is asked, and by which connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import pytest

from meshcore.agent.exchange import Asked
from meshcore.agent.servers import Servers
from meshcore.client.address import Address
from meshcore.client.http import UnreachableError

NOBODY = Address(text="nobody", host="127.0.0.1", port=1)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Served:
    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []


@asynccontextmanager
async def server(
    served: Served, *, name: str = "server", answers: int = 1000, timeless: bool = False
) -> AsyncIterator[Address]:
    """Answers so many requests of each connection, and then hangs up; `timeless` says nothing."""
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        writers.append(writer)
        for _ in range(answers):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            served.requests.append(head.split(b"\r\n")[0])
            if not timeless:
                writer.write(ANSWER)
        if not timeless:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield Address(text=name, host="127.0.0.1", port=listening.sockets[0].getsockname()[1])
    listening.close()
    for writer in writers:
        writer.close()


async def ask(servers: Servers, method: str = "GET", *, timeout_s: float = 5.0) -> bytes:
    incoming = await servers.answer(Asked(method=method, target="/v1", timeout_s=timeout_s))
    try:
        return await incoming.whole()
    finally:
        incoming.close()


def test_reads_share_a_connection() -> None:
    async def main() -> Served:
        served = Served()
        async with server(served) as place:
            with closing(Servers([place])) as servers:
                for _ in range(3):
                    assert await ask(servers) == b"ok"
        return served

    served = asyncio.run(main())
    assert (served.connections, len(served.requests)) == (1, 3)


def test_a_connection_that_the_server_has_left_costs_no_read() -> None:
    async def main() -> Served:
        served = Served()
        async with server(served, answers=1) as place:
            with closing(Servers([place])) as servers:
                for _ in range(3):
                    assert await ask(servers) == b"ok"
        return served

    assert asyncio.run(main()).connections == 3


def test_the_next_one_is_asked_and_stays_the_first() -> None:
    async def main() -> None:
        served = Served()
        async with server(served) as place:
            with closing(Servers([NOBODY, place])) as servers:
                assert await ask(servers, "PUT") == b"ok"
                assert servers.preferred == place

    asyncio.run(main())


def test_a_server_that_says_nothing_is_passed_over_by_reads_alone() -> None:
    async def main() -> None:
        silent, well = Served(), Served()
        async with server(silent, name="silent", timeless=True) as first, server(well) as second:
            with closing(Servers([first, second])) as servers:
                with pytest.raises(UnreachableError, match="silent takes too long"):
                    await ask(servers, "PUT", timeout_s=0.05)
                assert await ask(servers, timeout_s=0.05) == b"ok"
                assert well.requests == [b"GET /v1 HTTP/1.1"]

    asyncio.run(main())


def test_all_that_was_tried_is_told() -> None:
    with pytest.raises(UnreachableError) as refused:
        asyncio.run(ask(Servers([NOBODY])))
    assert str(refused.value).startswith("no server answers: nobody: ")
