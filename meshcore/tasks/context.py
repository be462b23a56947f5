"""What the tasks of one worker process are given, and how they run what is asynchronous."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec

from meshcore.lib.errors import MeshError
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.tasks.checking import Checking

Found = TypeVar("Found")

logger = logging.getLogger(__name__)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    loop: asyncio.AbstractEventLoop  # one for all tasks, in a thread of its own
    redis_url: str
    checking: Checking
    issuer: Issuer | None = None  # None where the key is not at hand that roots are sealed under


_provided: list[Context] = []


def provide(context: Context) -> None:
    """Say it once, before the first task runs."""
    _provided[:] = [context]


def context() -> Context:
    assert _provided, "a task runs outside of a worker"
    return _provided[0]


def run(work: Coroutine[Any, Any, Found]) -> Found | None:
    """Run it to its end; what cannot be done now is said, and done by a later task."""
    try:
        return asyncio.run_coroutine_threadsafe(work, context().loop).result()
    except MeshError as error:
        logger.warning("put off: %s", error)
        return None
