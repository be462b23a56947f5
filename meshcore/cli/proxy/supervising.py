"""Envoy as a child: started, started again when it crashes, drained when it is to stop."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

from meshcore.lib.errors import UnavailableError
from meshcore.lib.orphans import dying_with
from meshcore.sidecars.envoy import DRAIN_S

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STABLE_AFTER_S = 60.0
STOP_S = 5.0
STOPPING = (signal.SIGTERM, signal.SIGINT)
PASSED_ON = (signal.SIGHUP, signal.SIGUSR1)
DIRECT = build_opener(ProxyHandler({}))  # whatever http_proxy says

Tell = Callable[[str], None]
Received = queue.SimpleQueue[signal.Signals]


def demand_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                f"Envoy's admin address {host}:{port} cannot be used: {error.strerror};"
                " choose another one by --admin-bind HOST:PORT"
            ) from None


def supervise(
    command: Sequence[str], *, before_restart: Callable[[], None], admin_url: str, tell: Tell
) -> int:
    """Run until told to stop; the exit code is 0 then, whatever happened before."""
    pause_s = FIRST_PAUSE_S
    with signals() as received:
        while True:
            started = time.monotonic()
            process = start(command)
            if _wait(process, received):
                _stop(process, received, admin_url)
                return 0
            if time.monotonic() - started > STABLE_AFTER_S:
                pause_s = FIRST_PAUSE_S
            tell(f"Envoy ended with {process.returncode}; it is started again in {pause_s:g} s")
            if _is_stopped_within(pause_s, received):
                return 0
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            before_restart()


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Ctrl-C is for us alone, who drain Envoy then; should we be killed, it ends too."""
    return subprocess.Popen(  # noqa: S603 - the operator's own binary
        command, process_group=0, preexec_fn=dying_with(os.getpid(), signal.SIGTERM)
    )


@contextlib.contextmanager
def signals() -> Iterator[Received]:
    """Collect signals instead of acting on them wherever the program happens to be."""
    received: Received = queue.SimpleQueue()
    former = {
        number: signal.signal(number, lambda n, _frame: received.put(signal.Signals(n)))
        for number in (*STOPPING, *PASSED_ON, signal.SIGCHLD)
    }
    try:
        yield received
    finally:
        for number, action in former.items():
            signal.signal(number, action)


def _wait(process: "subprocess.Popen[bytes]", received: Received) -> bool:
    """True when told to stop, False when Envoy has ended by itself."""
    while process.poll() is None:
        with contextlib.suppress(queue.Empty):
            number = received.get(timeout=1)
            if number in STOPPING:
                return True
            if number in PASSED_ON:
                process.send_signal(number)
    return False


def _stop(process: "subprocess.Popen[bytes]", received: Received, admin_url: str) -> None:
    """Let requests in flight end; a second signal ends it at once."""
    with contextlib.suppress(OSError, HTTPException):
        for path in ("/healthcheck/fail", "/drain_listeners?graceful"):
            DIRECT.open(f"{admin_url}{path}", data=b"", timeout=1).close()
        _is_stopped_within(DRAIN_S, received)
    process.terminate()
    deadline = time.monotonic() + STOP_S
    while process.poll() is None:
        if time.monotonic() > deadline or _is_stopped_within(0.05, received):
            process.kill()
            process.wait()


def _is_stopped_within(seconds: float, received: Received) -> bool:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            if received.get(timeout=left) in STOPPING:
                return True
    return False
