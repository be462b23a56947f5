"""Is a datagram taken? Silence counts as yes: few protocols answer what they do not know."""

import asyncio

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import addresses, split
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome

GREETING = b"Tulle health check\n"


class _Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.answer.done():
            self.answer.set_result(None)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def probe(target: str, *, timeout_s: float, policy: Policy | None = None) -> Outcome:
    """Send a datagram; critical only when the host says that nothing takes it."""
    loop = asyncio.get_running_loop()
    try:
        host, port = split(target)
        address, *_ = await addresses(host, port, policy=policy or Policy())
        transport, heard = await loop.create_datagram_endpoint(_Heard, remote_addr=(address, port))
    except (OSError, ValueError, DeniedError) as error:
        return Outcome("critical", f"dial udp {target}: {error}")
    try:
        transport.sendto(GREETING)
        async with asyncio.timeout(timeout_s):
            await heard.answer
    except TimeoutError:
        return Outcome("passing", f"UDP connect {target}: Success")
    except OSError as error:
        return Outcome("critical", f"udp {target}: {error}")
    finally:
        transport.close()
    return Outcome("passing", f"UDP connect {target}: Success")
