"""Probes by datagram."""

import asyncio

from meshcore.probes import udp
from meshcore.probes.types import Outcome


class Answering(asyncio.DatagramProtocol):
    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.received: list[bytes] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # asyncio hands it one that does not inherit from it
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.append(data)
        if self.answer:
            self.transport.sendto(self.answer, addr)


def probed(answer: bytes, *, timeout_s: float) -> tuple[Outcome, list[bytes]]:
    async def scenario() -> tuple[Outcome, list[bytes]]:
        loop = asyncio.get_running_loop()
        transport, server = await loop.create_datagram_endpoint(
            lambda: Answering(answer), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        try:
            return await udp.probe(f"127.0.0.1:{port}", timeout_s=timeout_s), server.received
        finally:
            transport.close()

    return asyncio.run(scenario())


def test_an_answer_is_passing_and_so_is_silence() -> None:
    outcome, received = probed(b"well", timeout_s=5)
    assert (outcome.status, received) == ("passing", [udp.GREETING])
    outcome, received = probed(b"", timeout_s=0.05)
    assert outcome.status == "passing"
    assert outcome.output.endswith(": Success")


def test_a_port_that_nothing_has_open_is_critical() -> None:
    outcome = asyncio.run(udp.probe("127.0.0.1:1", timeout_s=5))
    assert outcome.status == "critical"
    assert outcome.output.startswith("udp 127.0.0.1:1: ")
