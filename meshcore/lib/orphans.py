"""No child outlives a parent that was killed before it could stop it, where Linux can see to it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def dying_with(parent: int, with_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does before it becomes its program: ask to be ended with its parent."""
    libc = LIBC
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, with_signal)
        if os.getppid() != parent:  # died between the fork and the call above
            os._exit(1)

    return ask
