"""The README's tutorial, as a new user follows it: `tulle dev --demo` and the two files."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PROJECT = Path(__file__).parents[2]
TULLE = (sys.executable, "-m", "meshcore.cli.main")
DEMO_BASE = 18080  # the page's usual port; the demo moves all of its ports by one offset
START_S = 180  # for a machine that does much else
CHANGE_S = 10

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


class Demo:
    def __init__(self, folder: Path) -> None:
        self.offset, self.http, self.grpc = free_offset(), free_port(), free_port()
        self.log = folder / "dev.log"
        self.environ = os.environ | {
            "TULLE_DATA_DIR": str(folder / "data"),
            "TULLE_DEMO_PORT_OFFSET": str(self.offset),
            "TULLE_HTTP_PORT": str(self.http),
            "TULLE_GRPC_PORT": str(self.grpc),
            "TULLE_HTTP_ADDR": f"127.0.0.1:{self.http}",
        }
        self.page = f"http://127.0.0.1:{DEMO_BASE + self.offset}/"

    def start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*TULLE, "dev", "--demo"],
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
            timeout=30,
            check=False,
        )

    def shows(self, words: str, *, within_s: float) -> bool:
        """Whether the page says this before the time is over."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                if words in httpx.get(self.page, timeout=5).text:
                    return True
            except httpx.TransportError:
                time.sleep(0.1)  # between two attempts at a page that is not there yet
        return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    started = Demo(tmp_path)
    process = started.start()
    try:
        assert started.shows("Packer Spiced Latte", within_s=START_S), started.log.read_text()
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
    assert code == 0, started.log.read_text()


def test_the_page_works_breaks_with_deny_all_and_works_again(demo: Demo) -> None:
    denied = demo.tulle("apply", "-f", "deploy/demo/deny-all.yaml")
    assert denied.returncode == 0, denied.stderr
    assert "created" in denied.stdout
    assert demo.shows("Error :(", within_s=CHANGE_S)
    check = demo.tulle("intention", "check", "frontend", "public-api")
    assert (check.returncode, check.stdout.strip()) == (2, "Denied")

    allowed = demo.tulle("apply", "-f", "deploy/demo/service-to-service.yaml")
    assert allowed.returncode == 0, allowed.stderr
    assert demo.shows("Packer Spiced Latte", within_s=CHANGE_S)
    again = demo.tulle("apply", "-f", "deploy/demo/service-to-service.yaml")
    assert again.stdout.count("unchanged") >= 3
    check = demo.tulle("intention", "check", "frontend", "public-api")
    assert (check.returncode, check.stdout.strip()) == (0, "Allowed")


def test_without_a_token_the_doors_are_shut_and_each_sidecar_has_its_own(demo: Demo) -> None:
    server = f"http://127.0.0.1:{demo.http}"
    assert httpx.get(f"{server}/v1/catalog/services").json() == {}
    intentions = httpx.get(f"{server}/v1/connect/intentions")
    assert (intentions.status_code, intentions.json()) == (200, [])
    entry = {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}
    refused = httpx.put(f"{server}/v1/config", json=entry)
    assert (refused.status_code, refused.text[:18]) == (403, "Permission denied:")
    listed = demo.tulle("acl", "token", "list", "--json")
    tokens = json.loads(listed.stdout)
    identities = [
        each["ServiceName"] for token in tokens for each in token.get("ServiceIdentities") or ()
    ]
    assert sorted(identities) == ["frontend", "postgres", "product-api", "public-api"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_offset() -> int:
    """A range that no other run of this test nor a demo beside it is likely to use."""
    return 5_000 + os.getpid() % 300 * 10
