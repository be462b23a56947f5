"""`tulle proxy` as operators run it: a process of its own, with an Envoy below it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.control_plane import LOOPBACK
from tests.e2e.envoys import EnvoyAdmin, eventually, free_port

TULLE = (sys.executable, "-m", "meshcore.cli.main")


class TulleProxy(EnvoyAdmin):
    def __init__(self, http_port: int, proxy_id: str, folder: Path) -> None:
        super().__init__(free_port(), folder / "proxy.log")
        command = [*TULLE, "proxy", "--proxy-id", proxy_id]
        command += ["--admin-bind", f"{LOOPBACK}:{self.admin_port}", "--", "-l", "info"]
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("TULLE_", "CONSUL_"))}
        environ = clean | {
            "TULLE_HTTP_ADDR": f"{LOOPBACK}:{http_port}",
            "TULLE_DATA_DIR": str(folder / "data"),
        }
        self.seen: set[int] = set()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=environ, stderr=log, stdout=log)

    def envoys(self) -> list[int]:
        """The numbers of the processes below it, as Linux tells them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(word) for word in children.read_text().split()]
        self.seen.update(found)
        return found

    def envoy(self) -> int:
        eventually(lambda: len(self.envoys()) == 1, "an Envoy below it")
        return self.envoys()[0]

    def has_said(self, pattern: str) -> bool:
        return re.search(pattern, self.log.read_text()) is not None


@contextmanager
def running(http_port: int, proxy_id: str, folder: Path) -> Iterator[TulleProxy]:
    proxy = TulleProxy(http_port, proxy_id, folder)
    try:
        yield proxy
    finally:
        if proxy.process.poll() is None:
            proxy.envoys()
        proxy.process.kill()
        proxy.process.wait()
        for envoy in filter(is_running, proxy.seen):
            os.kill(envoy, signal.SIGKILL)


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
