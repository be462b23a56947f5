"""Many blocking queries on one key: park them, write once, and time until the last answer."""

import asyncio
import json
import time
from typing import cast

import httptools
import msgspec

from bench.figures import Run, run_of
from bench.load import request_bytes, run_on_uvloop
from bench.servers import Server

PATH = "/v1/health/service/watched"
SETTLE_S = 1.0  # for the server to park what it was sent, beside 0.2 ms for each watcher
ANSWER_TIMEOUT_S = 30.0
CONNECTS_AT_ONCE = 200


class Round(msgspec.Struct, kw_only=True):
    """One write and its answers, as moments of the monotonic clock."""

    waiting: int
    done: asyncio.Future[None]
    answers: list[tuple[float, int, bytes]] = []


class Watcher(asyncio.Protocol):
    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""
        self.round: Round | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def watch(self, request: bytes, watched: Round) -> None:
        self.round = watched
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        assert self.round is not None
        answer = (time.perf_counter(), self.parser.get_status_code(), self.body)
        self.body = b""
        self.round.answers.append(answer)
        if len(self.round.answers) == self.round.waiting:
            self.round.done.set_result(None)


def fan_out(server: Server, *, watchers: int, runs: int) -> list[Run]:
    found: list[Run] = []

    async def all_runs() -> None:
        connected = await connect(server.http_port, watchers)
        for number in range(runs):
            run = await one_run(server, connected, revision=f"{watchers}-{number}")
            found.append(run)
        for watcher in connected:
            watcher.transport.close()

    run_on_uvloop(all_runs)
    return found


async def connect(port: int, count: int) -> list[Watcher]:
    loop = asyncio.get_running_loop()
    connected: list[Watcher] = []
    while len(connected) < count:
        upcoming = min(CONNECTS_AT_ONCE, count - len(connected))
        pairs = (loop.create_connection(Watcher, "127.0.0.1", port) for _ in range(upcoming))
        connected += [watcher for _, watcher in await asyncio.gather(*pairs)]
    return connected


async def one_run(server: Server, connected: list[Watcher], *, revision: str) -> Run:
    index = server.must("GET", PATH).index
    watched = Round(waiting=len(connected), done=asyncio.get_running_loop().create_future())
    request = request_bytes("GET", f"{PATH}?index={index}&wait=5m")
    for watcher in connected:
        watcher.watch(request, watched)
    await asyncio.sleep(SETTLE_S + 0.0002 * len(connected))
    woken_early = len(watched.answers)
    cpu_before = server.cpu_seconds()
    writer = await connect(server.http_port, 1)
    acknowledged = Round(waiting=1, done=asyncio.get_running_loop().create_future())
    body = json.dumps(registration(revision)).encode()
    sent_at = time.perf_counter()
    writer[0].watch(request_bytes("PUT", "/v1/catalog/register", body), acknowledged)
    _, late = await asyncio.wait([watched.done], timeout=ANSWER_TIMEOUT_S)
    cpu_s = server.cpu_seconds() - cpu_before
    writer[0].transport.close()
    right = server.must("GET", PATH).body
    assert json.loads(right)[0]["Service"]["Meta"] == {"revision": revision}
    wrong = sum((status, body) != (200, right) for _, status, body in watched.answers)
    return run_of(
        [answered_at - sent_at for answered_at, _, _ in watched.answers[woken_early:]],
        value=None,
        wrong=wrong + len(connected) - len(watched.answers),
        server_cpu_s=cpu_s,
        note=f"PUT itself {(acknowledged.answers[0][0] - sent_at) * 1e3:.1f} ms"
        + (", some never answered" if late else ""),
    )


def registration(revision: str) -> dict[str, object]:
    return {
        "Node": "watched",
        "Address": "10.0.0.1",
        "Service": {
            "ID": "watched",
            "Service": "watched",
            "Port": 80,
            "Meta": {"revision": revision},
        },
    }
