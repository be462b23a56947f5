import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from meshcore.cli.dev.children import Children, Program
from meshcore.cli.dev.following import until
from meshcore.lib.errors import UnavailableError

PATIENCE_S = 10
SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
# A mother that starts one child, says its number, and then only waits.
MOTHER = f"""
import asyncio, sys
from meshcore.cli.dev.children import Program, spawn
from pathlib import Path
async def main():
    web = Program(name="web", argv=(sys.executable, "-c", {SLEEPER!r}))
    child = await spawn(web, log=Path(sys.argv[1]))
    print(child.process.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def python(code: str, *, is_essential: bool = False, grace_s: float = 5) -> Program:
    argv = (sys.executable, "-c", code)
    return Program(name="web", argv=argv, is_essential=is_essential, grace_s=grace_s)


def ended(pid: int) -> bool:
    """Wait for the end of a process that may not be our own child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE_S)[0])
    finally:
        os.close(handle)


def run_with(
    log_dir: Path, program: Program, do: Callable[[asyncio.Queue[str], Children], Awaitable[None]]
) -> Children:
    """Run `do` beside one child, then stop it."""

    async def both() -> Children:
        told: asyncio.Queue[str] = asyncio.Queue()
        children = Children(log_dir=log_dir, tell=lambda _who, what: told.put_nowait(what))
        try:
            async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
                await children.start(tasks, program)
                await do(told, children)
                await children.stop()
        finally:
            await children.stop()
        return children

    return asyncio.run(both())


async def output(children: Children) -> str:
    """Wait until the child has written something."""
    log = children.log(children.stages[0][0].program)

    async def is_written() -> bool:
        return bool(log.stat().st_size)

    await until(is_written, within_s=PATIENCE_S)
    return log.read_text()


def test_a_child_that_ends_is_told_and_started_again(tmp_path: Path) -> None:
    async def kill_and_see(told: asyncio.Queue[str], children: Children) -> None:
        (child,) = children.stages[0]
        first = child.process.pid
        assert await told.get() == f"started, pid {first}"
        child.process.kill()
        log = tmp_path / "web.log"
        assert await told.get() == f"was ended by SIGKILL, again in 1 s (see {log})"
        assert await told.get() == f"started again, pid {child.process.pid}"
        assert child.process.pid != first

    run_with(tmp_path, python(SLEEPER), kill_and_see)


def test_the_end_of_an_essential_child_shows_the_end_of_its_log(tmp_path: Path) -> None:
    async def wait(_told: asyncio.Queue[str], _children: Children) -> None:
        await asyncio.Event().wait()

    program = python("raise SystemExit('no database')", is_essential=True)
    with pytest.RaisesGroup(pytest.RaisesExc(UnavailableError)) as caught:
        run_with(tmp_path, program, wait)
    assert str(caught.value.exceptions[0]) == (
        f"web ended with status 1; the end of {tmp_path / 'web.log'}:\n  no database"
    )


def test_stop_kills_who_does_not_listen_and_whom_it_started(tmp_path: Path) -> None:
    stubborn = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
signal.pause()
"""
    started: list[int] = []

    async def see(_told: asyncio.Queue[str], children: Children) -> None:
        started.append(int(await output(children)))

    children = run_with(tmp_path, python(stubborn, grace_s=0.1), see)
    (child,) = children.stages[0]
    assert child.process.returncode == -signal.SIGKILL
    assert ended(started[0])


def test_children_die_with_a_killed_mother(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", MOTHER, str(tmp_path / "web.log")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as mother:
        assert mother.stdout
        child = int(mother.stdout.readline())
        mother.kill()
    assert ended(child)
