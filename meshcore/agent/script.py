"""A script as a check: its exit code is the status, what it printed last the output."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence

from meshcore.probes.types import Outcome

DEFAULT_TIMEOUT_S = 30.0
READ_SIZE = 64 * 1024
CLOSED = -1
HELD_OPEN_S = 0.5  # by a child that the script has left behind, which has its output open
PASSING, WARNING = 0, 1
SECRETS = ("_TOKEN", "_SECRET_KEY")


class Output:
    """The end of what is printed, however much that is.

    A pipe of our own: the standard library's would stay open for as long as a child that the script
    has left behind.
    """

    def __init__(self, limit: int) -> None:
        self.ended = asyncio.Event()
        self.reader, self.writer = os.pipe()
        self._limit = limit
        self._size = 0
        self._kept = b""

    def begin(self) -> None:
        """The script has its end now."""
        os.close(self.writer)
        self.writer = CLOSED
        os.set_blocking(self.reader, False)
        asyncio.get_running_loop().add_reader(self.reader, self._read)

    def _read(self) -> None:
        part = os.read(self.reader, READ_SIZE)
        if not part:
            asyncio.get_running_loop().remove_reader(self.reader)
            self.ended.set()
        self._size += len(part)
        self._kept = (self._kept + part)[-self._limit :]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.reader)
        for descriptor in (self.reader, self.writer):
            if descriptor != CLOSED:
                os.close(descriptor)

    def text(self) -> str:
        kept = self._kept.decode(errors="replace")
        if self._size <= self._limit:
            return kept
        return f"Captured {len(self._kept)} of {self._size} bytes\n...\n{kept}"


async def probe(
    args: Sequence[str],
    *,
    timeout_s: float = 0,
    output_limit: int = 4096,
    environ: Mapping[str, str] = os.environ,
) -> Outcome:
    """0 is passing, 1 a warning, all else critical; whatever it has started ends with its time."""
    timeout_s = timeout_s or DEFAULT_TIMEOUT_S
    output = Output(output_limit)
    try:
        process = await asyncio.create_subprocess_exec(
            *args,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output.writer,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={name: value for name, value in environ.items() if not _is_secret(name)},
        )
    except (OSError, ValueError) as error:
        output.close()
        return Outcome("critical", f"{args[0]} cannot be run: {error}"[:output_limit])
    try:
        output.begin()
        async with asyncio.timeout(timeout_s):
            code = await process.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(output.ended.wait(), HELD_OPEN_S)
    except TimeoutError:
        return Outcome("critical", f"Timed out ({timeout_s:g}s) running check\n{output.text()}")
    finally:
        if process.returncode is None:
            _kill(process.pid)
            await process.wait()
        output.close()
    if code == PASSING:
        return Outcome("passing", output.text())
    return Outcome("warning" if code == WARNING else "critical", output.text())


def _kill(leader: int) -> None:
    """The whole group: a shell's children outlive it otherwise."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _is_secret(name: str) -> bool:
    """The agent's tokens are none of a script's business."""
    return name.startswith(("TULLE_", "CONSUL_")) and name.endswith(SECRETS)
