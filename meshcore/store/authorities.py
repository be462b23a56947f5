"""The active root with its parsed key, as the mesh has it now: what signs, and for how long."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from meshcore.certificates import authority
from meshcore.certificates.authority import Authority
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.types import Lifetimes
from meshcore.lib.errors import UnavailableError
from meshcore.store.store import Store

ACTOR = "certificate authority"
IN_TIME = timedelta()  # of what somebody stands by to do when nobody else does


def utc_now() -> datetime:
    return datetime.now(UTC)


class Authorities:
    def __init__(
        self,
        store: Store,
        *,
        sealing_key: SealingKey,
        lifetimes: Lifetimes,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.sealing_key = sealing_key
        self.now = now
        self._lifetimes = lifetimes
        self._active: tuple[object, Authority] | None = None

    @property
    def lifetimes(self) -> Lifetimes:
        trust = self.store.mesh.certificates.trust
        return trust.value.lifetimes if trust else self._lifetimes

    @property
    def active(self) -> Authority:
        """Parsed once for each change of the roots."""
        certificates = self.store.mesh.certificates
        if self._active is None or self._active[0] is not certificates.roots:
            root = certificates.active_root()
            if root is None:
                raise UnavailableError("there is no root certificate that signs yet")
            loaded = authority.load(
                root, trusted=certificates.trusted_roots(), keys=(self.sealing_key,)
            )
            self._active = (certificates.roots, loaded)
        return self._active[1]
