"""A server as a process of its own, to be run beside another and to be killed.

Opens the store of TULLE_DATABASE_URL, says `at INDEX`, and lets several writers put nodes one after
another, each also counting in one node that all share. What is acknowledged is told in a line
`INDEX NAME` at once, so that the reader of the pipe knows it even if the process dies then.

    python -m tests.store.writing_process PREFIX WRITERS WRITES
"""

import asyncio
import os
import sys
from collections.abc import Iterator

import django
import uvloop

from meshcore.mesh.types import Change, Mesh

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshcore.settings")
django.setup()

from meshcore.store.store import Store  # noqa: E402 models need Django to be set up
from meshcore.store.writer import CheckpointPolicy  # noqa: E402
from tests.store.acting import Action, increment, put  # noqa: E402

SHARED = "shared"


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # one call: lines of several writers do not mix


def put_and_count(name: str) -> Action:
    def run(mesh: Mesh) -> Iterator[Change]:
        yield from put(name)(mesh)
        yield from increment(SHARED)(mesh)

    return run


async def keep_writing(store: Store, prefix: str, writes: int) -> None:
    for number in range(writes):
        name = f"{prefix}-{number}"
        written = await store.write(put_and_count(name), actor=prefix)
        say(f"{written.index} {name}")


async def main(prefix: str, writers: int, writes: int) -> None:
    store = Store(checkpoints=CheckpointPolicy(every_s=0.02, every_entries=20))
    await store.start()
    say(f"at {store.mesh.index}")
    await asyncio.to_thread(sys.stdin.readline)  # until the test says go
    await asyncio.gather(*(keep_writing(store, f"{prefix}-{n}", writes) for n in range(writers)))
    await store.stop()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
