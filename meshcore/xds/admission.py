"""Whether a stream's token is good for its service: asked again whenever that may have changed."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager

from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import DeniedError
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import Callers
from meshcore.store.store import Store

LEAST_PAUSE_S = 0.01


class Admission:
    """`ended` fails with a DeniedError when the token, which was good before, is so no more."""

    def __init__(self, callers: Callers, token: str) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._callers = callers
        self._token = token
        self._service = ""
        self._expiry: asyncio.TimerHandle | None = None

    def to(self, service: str) -> str:
        """The token's accessor; raise DeniedError when it may not act for the service."""
        self._service = service
        return self._ask()

    def ask_again(self) -> None:
        if self.ended.done():
            return
        try:
            self._ask()
        except DeniedError as error:
            self.ended.set_exception(error)

    def close(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if not self.ended.cancel():
            self.ended.exception()  # seen: else it is logged as forgotten

    def _ask(self) -> str:
        caller = self._callers.caller(self._token)
        if self._service:
            caller.require(RuleKind.SERVICE, Access.WRITE, self._service)
        self._wait_for_expiry(self._callers.remaining_s(caller))
        return caller.accessor_id

    def _wait_for_expiry(self, remaining_s: float) -> None:
        """No change tells of it. When the timer is early, it is set once more."""
        if self._expiry is not None:
            self._expiry.cancel()
        if remaining_s < math.inf:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(max(remaining_s, LEAST_PAUSE_S), self.ask_again)


@contextmanager
def admitted(callers: Callers, store: Store, token: str) -> Iterator[Admission]:
    """Raise UnknownTokenError at once, also while the proxy is not registered yet."""

    def changed(_mesh: Mesh, _touched: frozenset[WatchKey]) -> None:
        admission.ask_again()

    caller = callers.caller(token)
    admission = Admission(callers, token)
    subscription = store.subscribe(callers.watch_keys(caller), changed)
    try:
        admission.ask_again()  # for what was committed before the subscription
        yield admission
    finally:
        subscription.close()
        admission.close()
