"""What `tulle debug` collects of a server: enough to help from afar, and nothing secret.

Stacks are of code alone, without values; settings hide what may hold a secret.
"""

import asyncio
import platform
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from meshcore.configuration import listing
from meshcore.configuration.types import Configuration
from meshcore.lib import logs
from meshcore.proxycfg.state import Proxies
from meshcore.store.store import Store

LIBRARIES = ("celery", "channels", "django", "grpcio", "psycopg", "redis", "uvicorn", "uvloop")
DEEPEST = 50  # frames of a stack


def described(configuration: Configuration, store: Store, proxies: Proxies) -> dict[str, object]:
    """On the event loop, whose tasks are among it."""
    return {
        "versions": {
            "tulle": version("tulle"),
            "python": platform.python_version(),
            "system": platform.platform(),
            **{name: version(name) for name in LIBRARIES},
        },
        "settings": dict(listing.in_force(configuration)),
        "store": {
            "index": store.mesh.index,
            "heard": store.heard,
            "age_s": store.age_s,
            "waiting": store.waiting,
            "trouble": store.trouble,
            "ping_trouble": store.ping_trouble,
            "nodes": len(store.mesh.registry.nodes),
            "instances": len(store.mesh.registry.instances),
        },
        "process": {"cpu_s": time.process_time(), "threads": threading.active_count()},
        "streams": list(proxies.connected()),
        "tasks": sorted(tasks()),
        "threads": list(threads()),
        "log": list(logs.TAIL),
    }


def tasks() -> Iterator[str]:
    for task in asyncio.all_tasks():
        frames = task.get_stack(limit=DEEPEST)
        # A frame that has not begun yet has no line.
        places = (f"  {f.f_code.co_filename}:{f.f_lineno} {f.f_code.co_name}\n" for f in frames)
        yield f"{named(task)}\n{''.join(places)}"


def named(task: asyncio.Task[Any]) -> str:
    """Without the repr of what it waits for, which may be anything."""
    coroutine = task.get_coro()
    return f"{task.get_name()} {getattr(coroutine, '__qualname__', '')}"


def threads() -> Iterator[str]:
    frames = sys._current_frames()
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None:
            stack = "".join(traceback.format_stack(frame, limit=DEEPEST))
            yield f"{thread.name}\n{stack}"
