"""One Envoy as a child: run to its end, or drained when it is to stop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from meshcore.agent.exchange import Asked, connected, sent
from meshcore.client.address import Address
from meshcore.lib.orphans import dying_with
from meshcore.sidecars.envoy import DRAIN_S

ADMIN_S = 1.0
STOP_S = 5.0
DRAINING = ("/healthcheck/fail", "/drain_listeners?graceful")


async def run_envoy(command: Sequence[str], *, admin: Address) -> int:
    """Return its exit code; cancelled, let its requests in flight end first."""
    process = await asyncio.create_subprocess_exec(
        *command, process_group=0, preexec_fn=dying_with(os.getpid(), signal.SIGTERM)
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            await asyncio.shield(_stopped(process, admin))


async def _stopped(process: asyncio.subprocess.Process, admin: Address) -> None:
    with contextlib.suppress(OSError):
        for target in DRAINING:
            await _post(admin, target)
        await asyncio.sleep(DRAIN_S)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _post(admin: Address, target: str) -> None:
    asked = Asked(method="POST", target=target, timeout_s=ADMIN_S)
    (await sent(admin, asked, await connected(admin, None))).close()
