"""`tulle dev --demo`, started as a new user starts it: real Envoys, ports of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PROJECT = Path(__file__).parents[2]
TULLE = (sys.executable, "-m", "meshcore.cli.main")
DEMO_BASE = 18080  # the page's usual port; the demo moves all of its ports by one offset
START_S = 180  # for a machine that does much else
CHANGE_S = 10


class Demo:
    def __init__(self, folder: Path) -> None:
        self.offset, self.http, self.grpc = free_offset(), free_port(), free_port()
        self.log = folder / "dev.log"
        self.folder = folder / "data"
        self.environ = os.environ | {
            "TULLE_DATA_DIR": str(self.folder),
            "TULLE_DEMO_PORT_OFFSET": str(self.offset),
            "TULLE_HTTP_PORT": str(self.http),
            "TULLE_GRPC_PORT": str(self.grpc),
            "TULLE_HTTP_ADDR": f"127.0.0.1:{self.http}",
        }
        self.page = f"http://127.0.0.1:{DEMO_BASE + self.offset}/"
        self.server = f"http://127.0.0.1:{self.http}"

    def start(self, *options: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*TULLE, "dev", "--demo", *options],
                cwd=PROJECT,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def tulle(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*TULLE, *words],
            cwd=PROJECT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def management(self) -> httpx.Client:
        """Ask its `/v1` with the token that may do everything."""
        secret = (self.folder / "bootstrap-token").read_text().strip()
        return httpx.Client(base_url=self.server, headers={"X-Consul-Token": secret}, timeout=30)

    def forget_intentions(self) -> None:
        """As it was before anybody did the tutorial."""
        with self.management() as client:
            for each in client.get("/v1/connect/intentions").json():
                between = {"source": each["SourceName"], "destination": each["DestinationName"]}
                client.delete("/v1/connect/intentions/exact", params=between).raise_for_status()

    def shows(self, words: str, *, within_s: float = CHANGE_S) -> bool:
        """Whether the page says this before the time is over."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                if words in httpx.get(self.page, timeout=5).text:
                    return True
            except httpx.TransportError:
                time.sleep(0.1)  # between two attempts at a page that is not there yet
        return False


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Demo]:
    started = Demo(folder)
    process = started.start(*options)
    try:
        assert started.shows("Packer Spiced Latte", within_s=START_S), started.log.read_text()
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0, started.log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_offset() -> int:
    """A range that no other run of this test nor a demo beside it is likely to use."""
    return 5_000 + os.getpid() % 300 * 10
