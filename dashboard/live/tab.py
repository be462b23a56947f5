"""One tab's socket: what waits to be sent to it, which is never much."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from dashboard.live.messages import Said

MOST_WAITING = 32  # messages; a tab that is further behind does better to load the page anew

# Close codes; the browser's script connects again after all of them but the first.
LOGIN_ENDED = 4401
NOT_UNDERSTOOD = 4400
TOO_SLOW = 4408
TOO_OFTEN = 4429
FAILED = 1011
FULL = 1013


def never(_frame: bytes) -> bool:
    return False


class Close(msgspec.Struct, frozen=True):
    code: int
    reason: str = ""


class Tab:
    """Its queue is filled by the hub and emptied by `run`, on one event loop.

    While nothing waits, a frame may be written at once: `write_now` says whether that was possible.
    """

    def __init__(self, write_now: Callable[[bytes], bool] = never) -> None:
        self._waiting: deque[Said] = deque()
        self._is_writing = False
        self._write_now = write_now
        self._wake = asyncio.Event()
        self._close: Close | None = None

    @property
    def is_behind(self) -> bool:
        """Whether it has not been sent all that it was told."""
        return bool(self._waiting) or self._is_writing

    def send(self, said: Said) -> None:
        if self._close is not None:
            return
        if not self.is_behind and self._write_now(said.frame):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self.close(TOO_SLOW, "this tab does not keep up")
            return
        self._waiting.append(said)
        self._wake.set()

    def close(self, code: int, reason: str = "") -> None:
        """End after what waits was sent."""
        if self._close is None:
            self._close = Close(code, reason)
        self._wake.set()

    async def run(self, write: Callable[[str], Awaitable[None]]) -> Close:
        while True:
            while self._waiting:
                self._is_writing = True
                await write(self._waiting.popleft().text)
            self._is_writing = False
            if self._close is not None:
                return self._close
            await self._wake.wait()
            self._wake.clear()
