"""The worker process: a store like a server's, and the tasks that keep the mesh honest.

Started by `tulle worker`. Its tasks run in threads and share one event loop, on which hundreds of
probes wait at once; a process more is for the processor, not for the waiting.
"""

import argparse
import asyncio
import logging
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress

import django
import uvloop
from celery import Celery

from meshcore.lib import logs
from meshcore.lib.errors import InvalidError, MeshError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshcore.settings")
try:
    django.setup()
except InvalidError as problem:
    raise SystemExit(f"Error: {problem}") from None

# What follows imports models, which Django allows only after its setup.
from meshcore import celery
from meshcore.certifying import issuer_of
from meshcore.checks import policy_of
from meshcore.configuration import secret_key
from meshcore.configuration.types import Configuration
from meshcore.settings import LOADED
from meshcore.store.issuer import Issuer
from meshcore.store.schema import wait_until_migrated
from meshcore.store.store import Store
from meshcore.tasks import context, scheduled
from meshcore.tasks.checking import Checking

DEFAULT_CONCURRENCY = 4
STOP_S = 5.0

log = logging.getLogger("tulle")


def main() -> None:
    """Run until SIGTERM or SIGINT; what has begun is finished first."""
    words = parser().parse_args()
    configuration = LOADED.configuration
    logs.set_up(level=configuration.log_level, is_json=configuration.log_json)
    quiet_celery()
    try:
        redis_url = celery.required(configuration.redis_url)
        wait_until_migrated()
        store = Store(redis_url=redis_url)
        store.open()
    except (MeshError, OSError) as error:
        raise SystemExit(f"Error: {error}") from None
    try:
        with event_loop() as loop:
            issuer = issuer_or_none(configuration, store)
            checking = Checking(
                store,
                redis_url=redis_url,
                policy=policy_of(configuration),
                reconnect_s=configuration.reconnect_timeout.total_seconds(),
            )
            context.provide(
                context.Context(
                    store=store, loop=loop, redis_url=redis_url, issuer=issuer, checking=checking
                )
            )
            checks = asyncio.run_coroutine_threadsafe(checking.run(), loop)
            checks.add_done_callback(ended)
            log.info("worker with %d tasks at once, index %d", words.concurrency, store.mesh.index)
            status = run(celery.create(redis_url), words)
            context.run(checking.stop())
            checks.cancel()
            with suppress(CancelledError):
                checks.result(timeout=STOP_S)
    finally:
        store.close()
    sys.exit(status)


def issuer_or_none(configuration: Configuration, store: Store) -> Issuer | None:
    """A worker makes no key: with one of its own it could open nothing of the servers'."""
    key = secret_key.read(configuration)
    if key is None:
        log.warning(
            "this worker has no secret key, and leaves certificates to others: give it the"
            " servers' by TULLE_SECRET_KEY or TULLE_SECRET_KEY_FILE"
        )
        return None
    return issuer_of(configuration, store, key=key)


def ended(checks: "Future[None]") -> None:
    """That it ends by itself is a bug, and said."""
    if not checks.cancelled():
        log.error("the checks of this worker have ended", exc_info=checks.exception())


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="tulle worker")
    options.add_argument("--beat", action="store_true")
    options.add_argument("--concurrency", type=int, default=DEFAULT_CONCURRENCY)
    return options


def quiet_celery() -> None:
    """Of each task it would say that it came, and that it went."""
    for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


def run(app: Celery, words: argparse.Namespace) -> int:
    assert scheduled.prune_tokens.name in app.tasks
    if words.beat:
        # In a thread: a fork would take over the store's connections.
        threading.Thread(target=celery.beat(app).start, name="beat", daemon=True).start()
    worker = app.Worker(
        pool="threads",
        concurrency=words.concurrency,
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


@contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own until the end."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tasks-loop", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


if __name__ == "__main__":
    main()
