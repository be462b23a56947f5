"""Does a server answer an HTTP/2 ping?"""

import asyncio
from contextlib import aclosing

from h2.events import PingAckReceived

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import Tls, split
from meshcore.probes.http2 import ProtocolError, conversation
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome

PAYLOAD = b"tulle-hc"  # eight bytes, as the protocol wants it


async def probe(
    target: str, *, timeout_s: float, tls: Tls | None = None, policy: Policy | None = None
) -> Outcome:
    try:
        host, port = split(target)
        async with (
            asyncio.timeout(timeout_s),
            conversation(host, port, tls=tls, policy=policy) as talk,
        ):
            talk.connection.ping(PAYLOAD)
            async with aclosing(talk.events()) as events:
                async for event in events:
                    if isinstance(event, PingAckReceived) and event.ping_data == PAYLOAD:
                        return Outcome("passing", "HTTP2 ping was successful")
    except (OSError, ValueError, TimeoutError, DeniedError, ProtocolError) as error:
        reason = "timed out" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f"Failed to send ping to {target}: {reason}")
    return Outcome("critical", f"Failed to send ping to {target}: no answer")
