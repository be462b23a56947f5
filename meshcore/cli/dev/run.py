"""`tulle dev`: one data dir, one run at a time, until Ctrl-C or the end of what all others need."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from meshcore.cli.dev import starting, telling
from meshcore.cli.dev.children import Children
from meshcore.cli.errors import told
from meshcore.configuration import load as configurations
from meshcore.lib.errors import ConflictError

STOPPING = (signal.SIGINT, signal.SIGTERM)


def run(*, demo: bool, load: bool = False) -> None:
    """Return after Ctrl-C with every child stopped; raise MeshError when something cannot be."""
    loaded = configurations.load(os.environ)
    configuration = loaded.configuration
    data_dir = configuration.data_dir.absolute()
    make_private(data_dir)
    console = Console(highlight=False, emoji=False)
    children = Children(log_dir=data_dir / "logs", tell=telling.to(console))
    dev = starting.Dev(
        configuration=configuration,
        given=loaded.given,
        data_dir=data_dir,
        has_demo=demo,
        has_load=load,
        console=console,
        children=children,
    )
    with only_one(data_dir / "dev.lock"):
        asyncio.run(until_stopped(dev))


def make_private(data_dir: Path) -> None:
    """Make the folder; it and what the children write there is for nobody else to read."""
    os.umask(0o077)
    if not data_dir.exists():
        data_dir.mkdir(parents=True)
        if os.geteuid() == 0:  # PostgreSQL runs as another account then, and must pass through
            data_dir.chmod(0o711)
    (data_dir / "logs").mkdir(exist_ok=True)


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Two of us in one data dir would share a database, a socket and logs."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConflictError(
                f"tulle dev already runs in {lock.parent} (pid {file.read().strip()});"
                " stop it, or set TULLE_DATA_DIR to another folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


async def until_stopped(dev: starting.Dev) -> None:
    """Leave no child behind, whatever the reason to stop."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(serve(dev))
    for number in STOPPING:
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        dev.children.tell("dev", "stopping; Ctrl-C again kills")
    finally:
        for number in STOPPING:
            loop.add_signal_handler(number, dev.children.kill)
        await dev.children.stop()
    dev.children.tell("dev", "stopped")


async def serve(dev: starting.Dev) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            await starting.start(dev, tasks)
            await asyncio.Event().wait()
    except ExceptionGroup as failures:  # of which the first made all others end
        raise failures.exceptions[0] from None


if __name__ == "__main__":  # a program of its own, so that no other command loads all this
    with told():
        run(demo="--demo" in sys.argv, load="--load" in sys.argv)
