"""Does something accept connections there?"""

import asyncio
import contextlib

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import connect, tls_context
from meshcore.probes.types import Outcome


async def probe(target: str, *, timeout_s: float, uses_tls: bool = False) -> Outcome:
    """Connect to host:port and hang up."""
    host, _, port = target.rpartition(":")
    tls = tls_context(is_verified=True) if uses_tls else None
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await connect(host.strip("[]"), int(port), tls=tls)
    except (OSError, ValueError, TimeoutError, DeniedError) as error:
        reason = "i/o timeout" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f"dial tcp {target}: {reason}")
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Outcome("passing", f"TCP connect {target}: Success")
