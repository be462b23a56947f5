"""A small TCP load balancer with health checks, as deploy/compose/haproxy.cfg says it to HAProxy.

A connection goes to a server that is ready; while none is, as when the database is away, to one
that is alive, which shows what it knows. One that is down is cut off from its connections.
"""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

LOOPBACK = "127.0.0.1"
CHECK_S = 0.25
ANSWER_S = 1.0
PIECE = 65536


class Backend(msgspec.Struct):
    health_port: int
    ports: tuple[int, ...]  # one for each that the balancer listens on
    is_ready: bool = False
    is_alive: bool = False
    connections: set[asyncio.Task[None]] = msgspec.field(default_factory=set)


class Balancer:
    """Runs on a thread of its own; `ports` are those that it listens on."""

    def __init__(self, backends: Sequence[Backend]) -> None:
        self.backends = backends
        self._turns = itertools.count()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []
        self.ports: tuple[int, ...] = self._run(self._start())

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    async def _start(self) -> tuple[int, ...]:
        self._tasks = [asyncio.create_task(self._check(backend)) for backend in self.backends]
        for number in range(len(self.backends[0].ports)):

            async def accept(
                reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter,
                number: int = number,
            ) -> None:
                await self._accept(number, reader, writer)

            self._servers.append(await asyncio.start_server(accept, LOOPBACK, 0))
        return tuple(server.sockets[0].getsockname()[1] for server in self._servers)

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        open_ones = [task for backend in self.backends for task in backend.connections]
        for task in (*self._tasks, *open_ones):
            task.cancel()
        await asyncio.gather(*self._tasks, *open_ones, return_exceptions=True)

    async def _check(self, backend: Backend) -> None:
        while True:
            backend.is_ready = await answers(backend.health_port, "/readyz")
            backend.is_alive = backend.is_ready or await answers(backend.health_port, "/livez")
            if not backend.is_alive:
                for task in backend.connections:
                    task.cancel()
            await asyncio.sleep(CHECK_S)

    def _candidates(self) -> list[Backend]:
        ready = [backend for backend in self.backends if backend.is_ready]
        usable = ready or [backend for backend in self.backends if backend.is_alive]
        if not usable:
            return []
        turn = next(self._turns) % len(usable)
        return usable[turn:] + usable[:turn]

    async def _accept(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            for backend in self._candidates():
                try:
                    far = await asyncio.open_connection(LOOPBACK, backend.ports[number])
                except OSError:
                    continue
                await connected(backend, (reader, writer), far)
                return
        finally:
            writer.close()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(backend: Backend, near: Ends, far: Ends) -> None:
    """Until either end closes, or the backend is found to be down."""
    task = asyncio.current_task()
    assert task is not None
    backend.connections.add(task)
    ways = [
        asyncio.create_task(passed_on(near[0], far[1])),
        asyncio.create_task(passed_on(far[0], near[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        near[1].transport.abort()
    finally:
        for way in ways:
            way.cancel()
        far[1].close()
        backend.connections.discard(task)


async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()


async def answers(port: int, path: str) -> bool:
    """Whether it says 200 within a second."""
    writer = None
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: tulle\r\nConnection: close\r\n\r\n".encode()
            )
            return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()
