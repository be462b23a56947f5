"""gRPC health checks and HTTP/2 pings of a real gRPC server, and of what is none."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc as library
import pytest

from meshcore.probes import grpc, h2ping
from meshcore.probes.connecting import Tls, context_of
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from tests.probes import certificates
from tests.probes.serving import serving

HEALTH = {b"": b"\x08\x01", b"\x0a\x03web": b"\x08\x01", b"\x0a\x03api": b"\x08\x02"}
NAMED = Tls(server_name=certificates.NAME, protocols=("h2",))


@asynccontextmanager
async def grpc_server(credentials: library.ServerCredentials | None = None) -> AsyncIterator[int]:
    async def check(request: bytes, context: library.aio.ServicerContext) -> bytes:
        if request not in HEALTH:
            await context.abort(library.StatusCode.NOT_FOUND, "unknown service")
        return HEALTH[request]

    server = library.aio.server()
    handler = library.unary_unary_rpc_method_handler(check)
    server.add_generic_rpc_handlers(
        (library.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler}),)
    )
    if credentials:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        await server.stop(None)


def asked(probe: Callable[[int], Awaitable[Outcome]]) -> Outcome:
    async def scenario() -> Outcome:
        async with grpc_server() as port:
            return await probe(port)

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("service", "status", "said"),
    [
        ("", "passing", "success"),
        ("/web", "passing", "success"),
        ("/api", "critical", "NOT_SERVING"),
        ("/db", "critical", "code 5 unknown service"),
    ],
)
def test_what_a_grpc_server_says_of_itself_decides(service: str, status: str, said: str) -> None:
    outcome = asked(lambda port: grpc.probe(f"127.0.0.1:{port}{service}", timeout_s=5))
    assert (outcome.status, outcome.output.rpartition(": ")[2]) == (status, said)


def test_an_http2_server_answers_a_ping() -> None:
    outcome = asked(lambda port: h2ping.probe(f"127.0.0.1:{port}", timeout_s=5))
    assert outcome == Outcome("passing", "HTTP2 ping was successful")


def test_over_tls_the_authority_and_the_name_count(tmp_path: Path) -> None:
    certificates.make(tmp_path)
    chain, ca = (tmp_path / "chain.pem").read_bytes(), tmp_path / "ca.pem"
    credentials = library.ssl_server_credentials([(chain, chain)])
    trusting = Policy(ca_file=ca)

    async def scenario() -> list[Outcome]:
        async with grpc_server(credentials) as port:
            at = f"127.0.0.1:{port}"
            return [
                await grpc.probe(at, timeout_s=5, tls=NAMED, policy=trusting),
                await h2ping.probe(at, timeout_s=5, tls=NAMED, policy=trusting),
                await grpc.probe(at, timeout_s=5, tls=NAMED),
                await grpc.probe(at, timeout_s=5, tls=Tls(protocols=("h2",)), policy=trusting),
                await grpc.probe(at, timeout_s=5, tls=Tls(skips_verification=True)),
            ]

    statuses = [outcome.status for outcome in asyncio.run(scenario())]
    assert statuses == ["passing", "passing", "critical", "critical", "critical"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100])
def test_what_speaks_no_http2_is_critical(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)

    async def scenario() -> tuple[Outcome, Outcome]:
        async with serving(serve) as port:
            at = f"127.0.0.1:{port}"
            return await h2ping.probe(at, timeout_s=5), await grpc.probe(at, timeout_s=5)

    ping, health = asyncio.run(scenario())
    assert (ping.status, health.status) == ("critical", "critical")


def test_silence_is_critical_when_time_is_up() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> tuple[Outcome, Outcome]:
        async with serving(serve) as port:
            at = f"127.0.0.1:{port}"
            return await h2ping.probe(at, timeout_s=0.01), await grpc.probe(at, timeout_s=0.01)

    ping, health = asyncio.run(scenario())
    assert (ping.status, ping.output.rpartition(": ")[2]) == ("critical", "timed out")
    assert (health.status, health.output.rpartition(": ")[2]) == ("critical", "timed out")


def test_contexts_are_made_once_for_all_servers() -> None:
    assert isinstance(context_of(NAMED, None), ssl.SSLContext)
    assert context_of(NAMED, None) is context_of(Tls("other", protocols=("h2",)), None)
