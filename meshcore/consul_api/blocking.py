"""The rules of Consul's blocking queries, as decisions on (what was asked, the mesh)."""

from meshcore.consul_api.requests import Request
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.wire.errors import Refusal

DEFAULT_WAIT_S = 300.0
MAX_WAIT_S = 600.0
JITTER_PART = 16


def asked_index(request: Request) -> int:
    text = request.param("index")
    if not text:
        return 0
    if not text.isdecimal():
        raise Refusal(400, "Invalid index")
    return int(text)


def asked_wait_s(request: Request, *, default_s: float = DEFAULT_WAIT_S) -> float:
    """How long to wait at most, before jitter."""
    text = request.param("wait")
    if not text:
        return default_s
    try:
        wait_s = durations.parse(text).total_seconds()
    except InvalidError as error:
        raise Refusal(400, "Invalid wait time") from error
    return min(wait_s, MAX_WAIT_S) if wait_s > 0 else default_s


def asked_max_stale_s(request: Request) -> float | None:
    """How old an answer may be that was made without asking the database."""
    text = request.param("max_stale")
    if not text:
        return None
    try:
        return durations.parse(text).total_seconds()
    except InvalidError as error:
        raise Refusal(400, f"Invalid max_stale value {text!r}") from error


def is_too_old(age_s: float, *, max_stale_s: float | None) -> bool:
    return max_stale_s is not None and age_s > max_stale_s


def with_jitter(wait_s: float, *, chance: float) -> float:
    """Spread the ends of waits that began together; `chance` is from 0 to 1."""
    return wait_s + wait_s / JITTER_PART * chance


def must_wait(mesh: Mesh, watch_keys: tuple[WatchKey, ...], *, asked: int) -> bool:
    """Is there nothing newer than what the client has?

    A client that is ahead of the whole mesh has spoken with another life of it: it is answered at
    once, with a smaller index, and begins anew.
    """
    return 0 < asked <= mesh.index and mesh.touched_at(watch_keys) <= asked


def shown_index(mesh: Mesh, watch_keys: tuple[WatchKey, ...], *, asked: int) -> int:
    """Never zero, and never less than the client has while that is not ahead of the mesh.

    A server that began later than another knows an older touch only as its floor, so its own index
    for a key may be smaller than the one that the client was given by the other.
    """
    touched = mesh.touched_at(watch_keys)
    return max(touched, asked if asked <= mesh.index else 0, 1)
