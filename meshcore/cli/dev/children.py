"""The processes of `tulle dev`: started in stages, told about, and never left behind.

A child has a process group of its own, so that Ctrl-C reaches `tulle dev` alone, which then stops
the stages in reverse. Should `tulle dev` itself be killed, Linux ends its children (PDEATHSIG).
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from meshcore.lib.errors import UnavailableError
from meshcore.lib.orphans import dying_with

RESTART_S = 1.0
LONGEST_RESTART_S = 15.0

Tell = Callable[[str, str], None]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a program runs as, when not as ourselves."""

    uid: int
    gid: int


class Program(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = {}  # over our own
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 5.0
    is_essential: bool = False  # without it everything ends; any other is started again


class Child:
    """One running program; after a restart the same child with another process."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process) -> None:
        self.program = program
        self.process = process


async def spawn(program: Program, *, log: Path | None, mode: str = "ab") -> Child:
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open(mode)) if log else asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            env={**os.environ, **program.env},
            cwd=program.cwd,
            stdin=asyncio.subprocess.DEVNULL if log else asyncio.subprocess.PIPE,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
            preexec_fn=dying_with(os.getpid(), program.stop_signal),
            user=program.account.uid if program.account else None,
            group=program.account.gid if program.account else None,
            extra_groups=() if program.account else None,
        )
    return Child(program, process)


class Children:
    def __init__(self, *, log_dir: Path, tell: Tell) -> None:
        self.log_dir = log_dir
        self.tell = tell
        self.stages: list[list[Child]] = []
        self.is_stopping = False

    async def start(self, tasks: asyncio.TaskGroup, *programs: Program) -> None:
        """Start one stage: programs that are stopped together, each watched by one of `tasks`."""
        stage: list[Child] = []
        self.stages.append(stage)
        for program in programs:
            child = await spawn(program, log=self.log(program), mode="wb")
            stage.append(child)
            self.tell(program.name, f"started, pid {child.process.pid}")
            tasks.create_task(self.watch(child))

    def log(self, program: Program) -> Path:
        return self.log_dir / f"{program.name}.log"

    async def watch(self, child: Child) -> None:
        """Start the child again whenever it ends, ever later; raise when it is essential."""
        program = child.program
        loop = asyncio.get_running_loop()
        pause_s = RESTART_S
        while True:
            since = loop.time()
            ending = describe(await child.process.wait())
            if self.is_stopping:
                return
            if program.is_essential:
                raise UnavailableError(
                    f"{program.name} {ending}; the end of {self.log(program)}:\n"
                    + last_lines(self.log(program))
                )
            pause_s = RESTART_S if loop.time() - since > LONGEST_RESTART_S else pause_s
            self.tell(program.name, f"{ending}, again in {pause_s:g} s (see {self.log(program)})")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_RESTART_S)
            child.process = (await spawn(program, log=self.log(program))).process
            self.tell(program.name, f"started again, pid {child.process.pid}")

    async def stop(self) -> None:
        self.is_stopping = True
        for stage in reversed(self.stages):
            await asyncio.gather(*(stop(child) for child in stage))

    def kill(self) -> None:
        """End all at once, for those who press Ctrl-C a second time."""
        self.is_stopping = True
        for child in children_of(self.stages):
            signal_group(child.process.pid, signal.SIGKILL)


def children_of(stages: Iterable[Iterable[Child]]) -> Iterable[Child]:
    return (child for stage in stages for child in stage)


async def stop(child: Child) -> None:
    """Ask first; what is left after the grace is killed, with all that it started itself."""
    if child.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(child.program.stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.process.wait(), timeout=child.program.grace_s)
    signal_group(child.process.pid, signal.SIGKILL)
    await child.process.wait()


def signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def describe(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


def last_lines(log: Path, *, count: int = 15) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-count:])
