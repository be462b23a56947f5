"""Who calls in tests: anybody, or with ACLs on whoever has a token."""

from collections.abc import Callable
from datetime import UTC, datetime

from meshcore.certificates.sealing import parse
from meshcore.store.callers import Callers
from meshcore.store.store import Store

HASH_KEY = b"h" * 32


def real_time() -> datetime:
    return datetime.now(UTC)


def callers(
    store: Store,
    *,
    is_enabled: bool = False,
    default_allow: bool = True,
    now: Callable[[], datetime] = real_time,
) -> Callers:
    return Callers(
        store,
        is_enabled=is_enabled,
        default_allow=default_allow,
        datacenter="dc1",
        hash_key=HASH_KEY,
        sealing_key=parse("00" * 32),
        now=now,
    )
