"""Processes that are started, killed, frozen and started again, each with its log in a file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

PATIENCE_S = 60.0
LOOPBACK = "127.0.0.1"


def until(holds: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait for another process."""
    end_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end_s:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(0.02)


class Process:
    def __init__(
        self, name: str, words: tuple[str, ...], env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self.words = words
        self.env = dict(env)
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._running is not None, f"{self.name} does not run"
        return self._running.pid

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.words, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Without a word, as a machine that loses its power."""
        self._signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        self._wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Whatever state a failed test has left it in."""
        if self.is_running:
            self.kill()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def _signal(self, number: signal.Signals) -> None:
        assert self._running is not None, f"{self.name} does not run"
        self._running.send_signal(number)

    def _wait(self) -> None:
        assert self._running is not None
        self._running.wait(timeout=PATIENCE_S)
        self._running = None


class Server(Process):
    """One `tulle server`."""

    def __init__(self, name: str, env: Mapping[str, str], log: Path) -> None:
        super().__init__(name, (sys.executable, "-P", "-m", "meshcore.server"), env, log)
        self.http_port = int(env["TULLE_HTTP_PORT"])
        self.grpc_port = int(env["TULLE_GRPC_PORT"])

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    def is_ready(self) -> bool:
        assert self.is_running, self.said()[-3000:]
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        until(self.is_ready, f"{self.name} is ready: {self.said()[-3000:]}")


def worker(name: str, env: Mapping[str, str], log: Path, *words: str) -> Process:
    return Process(name, (sys.executable, "-P", "-m", "meshcore.worker", *words), env, log)


def without_settings(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a shell may have said of Tulle is not meant for the cluster."""
    return {
        name: value for name, value in environ.items() if not name.startswith(("TULLE_", "CONSUL_"))
    }
