"""Probes of a small server on this machine."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from meshcore.probes import http, tcp
from meshcore.probes.connecting import Tls
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from tests.probes import certificates
from tests.probes.serving import serving

Probe = Callable[[int], Awaitable[Outcome]]


def probed(probe: Probe, *, answer: bytes) -> tuple[Outcome, bytes]:
    """What the probe of a server that answers so finds, and what it sent."""
    received = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        received = await reader.read(4096)
        writer.write(answer)

    async def scenario() -> Outcome:
        async with serving(serve) as port:
            return await probe(port)

    return asyncio.run(scenario()), received


@pytest.mark.parametrize(
    ("code", "phrase", "status"),
    [
        (200, "OK", "passing"),
        (204, "No Content", "passing"),
        (301, "Moved Permanently", "critical"),
        (404, "Not Found", "critical"),
        (429, "Too Many Requests", "warning"),
        (503, "Service Unavailable", "critical"),
    ],
)
def test_status_code_decides(code: int, phrase: str, status: str) -> None:
    answer = f"HTTP/1.1 {code} {phrase}\r\nConnection: close\r\n\r\n".encode()
    outcome, _ = probed(
        lambda port: http.probe(f"http://127.0.0.1:{port}/health", timeout_s=5), answer=answer
    )
    assert outcome.status == status
    assert outcome.output.startswith("HTTP GET http://127.0.0.1:")
    assert f"/health: {code} {phrase} Output: " in outcome.output


def test_request_is_as_the_check_says_and_output_is_bounded() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + b"x" * 100
    answer += b"\r\n0\r\n\r\n"
    outcome, sent = probed(
        lambda port: http.probe(
            f"http://127.0.0.1:{port}/a?b=1",
            timeout_s=5,
            method="POST",
            headers={"X-Probe": ["1", "2"], "Host": ["web.example"]},
            body="ping",
            output_limit=90,
        ),
        answer=answer,
    )
    lines = sent.split(b"\r\n")
    assert lines[0] == b"POST /a?b=1 HTTP/1.1"
    assert [line for line in lines if line.startswith((b"X-Probe", b"Host"))] == [
        b"X-Probe: 1",
        b"X-Probe: 2",
        b"Host: web.example",
    ]
    assert lines[-1] == b"ping"
    assert (outcome.status, len(outcome.output)) == ("passing", 90)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data", "link-local or metadata address"),
        ("http://[::ffff:169.254.169.254]/", "link-local or metadata address"),
        ("http://[fe80::1]/", "link-local or metadata address"),
        ("file:///etc/passwd", "it is no http or https URL"),
        ("http://127.0.0.1:1/\r\nX: y", ""),
    ],
)
def test_what_must_not_be_probed_is_critical(url: str, reason: str) -> None:
    outcome = asyncio.run(http.probe(url, timeout_s=5))
    assert outcome.status == "critical"
    assert reason in outcome.output


def test_silence_and_nonsense_are_critical() -> None:
    outcome, _ = probed(
        lambda port: http.probe(f"http://127.0.0.1:{port}/", timeout_s=5), answer=b""
    )
    assert outcome.output.endswith("the connection was closed without an answer")
    outcome, _ = probed(
        lambda port: http.probe(f"http://127.0.0.1:{port}/", timeout_s=5), answer=b"SSH-2.0\r\n"
    )
    assert outcome.status == "critical"


def test_slow_answer_is_critical_when_time_is_up() -> None:
    async def scenario() -> Outcome:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with serving(serve) as port:
            return await http.probe(f"http://127.0.0.1:{port}/", timeout_s=0.01)

    assert asyncio.run(scenario()).output.endswith("request timed out")


def test_open_port_is_passing_and_a_closed_one_critical() -> None:
    outcome, _ = probed(lambda port: tcp.probe(f"127.0.0.1:{port}", timeout_s=5), answer=b"")
    assert outcome.status == "passing"
    closed = asyncio.run(tcp.probe("127.0.0.1:1", timeout_s=5))
    assert closed.status == "critical"
    assert closed.output.startswith("dial tcp 127.0.0.1:1: ")


def test_over_tls_the_authority_and_the_name_count(tmp_path: Path) -> None:
    server, ca_file = certificates.make(tmp_path)
    trusting, named = Policy(ca_file=ca_file), Tls(server_name=certificates.NAME)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async def scenario() -> list[str]:
        async with serving(answer, tls=server) as port:
            at, url = f"127.0.0.1:{port}", f"https://127.0.0.1:{port}/"
            outcomes = [
                await http.probe(url, timeout_s=5, tls=named, policy=trusting),
                await tcp.probe(at, timeout_s=5, tls=named, policy=trusting),
                await http.probe(url, timeout_s=5, tls=Tls(skips_verification=True)),
                await http.probe(url, timeout_s=5, policy=trusting),
                await tcp.probe(at, timeout_s=5, tls=named),
            ]
            return [outcome.status for outcome in outcomes]

    assert asyncio.run(scenario()) == ["passing", "passing", "passing", "critical", "critical"]
