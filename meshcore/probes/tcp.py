"""Does something accept connections there?"""

import asyncio
import contextlib

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import Tls, connect, split
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome


async def probe(
    target: str, *, timeout_s: float, tls: Tls | None = None, policy: Policy | None = None
) -> Outcome:
    """Connect to host:port and hang up."""
    try:
        host, port = split(target)
        async with asyncio.timeout(timeout_s):
            _, writer = await connect(host, port, tls=tls, policy=policy)
    except (OSError, ValueError, TimeoutError, DeniedError) as error:
        reason = "i/o timeout" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f"dial tcp {target}: {reason}")
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Outcome("passing", f"TCP connect {target}: Success")
