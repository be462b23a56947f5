"""Runs tests.store.writing_process and reads what it says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from tests.store.databases import Database

ROOT = Path(__file__).parents[2]


class WritingProcess:
    def __init__(self, database: Database, *, prefix: str, writers: int, writes: int) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.store.writing_process",
                prefix,
                f"{writers}",
                f"{writes}",
            ],
            cwd=ROOT,
            env=os.environ | {"TULLE_DATABASE_URL": database.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.began_at = int(self._output.readline().split()[1])

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def go(self) -> None:
        assert self._process.stdin
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def acknowledged(self, *, at_most: int | None = None) -> dict[int, str]:
        """Read what was acknowledged: so many writes, or all until the process is gone."""
        found: dict[int, str] = {}
        while at_most is None or len(found) < at_most:
            index, _, name = self._output.readline().decode().strip().partition(" ")
            if not name:
                break
            found[int(index)] = name
        return found

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        return code
