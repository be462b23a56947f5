"""Links that log a browser in once, for whoever has shown a token elsewhere.

With Redis any server takes them. Without, or while it is away, they are kept in the memory of the
process that made them: behind a load balancer a link may then reach one that does not know it.
"""

import secrets
import threading
from datetime import datetime, timedelta
from hashlib import sha256

from meshcore.acl.types import Token
from meshcore.mesh.types import Mesh
from meshcore.store.shared_links import SharedLinks

LIFETIME = timedelta(seconds=60)
MOST = 1000  # at once; the oldest gives way


class OneTimeLinks:
    """Codes are kept as hashes, so that looking one up tells nothing by the time it takes."""

    def __init__(self, shared: SharedLinks | None = None) -> None:
        self._shared = shared
        self._tokens: dict[bytes, tuple[datetime, Token]] = {}
        self._lock = threading.Lock()

    def made(self, token: Token, *, now: datetime) -> str:
        code = secrets.token_urlsafe(32)
        for_s = int(LIFETIME.total_seconds())
        if self._shared and self._shared.keep(_hashed(code), token, for_s=for_s):
            return code
        with self._lock:
            if len(self._tokens) >= MOST:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[_hashed(code)] = (now + LIFETIME, token)
        return code

    def used(self, code: str, *, mesh: Mesh, now: datetime) -> Token | None:
        """The token it was made for, the first time and in time."""
        if self._shared and (shared := self._shared.take(_hashed(code), mesh=mesh)):
            return shared
        with self._lock:
            until, token = self._tokens.pop(_hashed(code), (now, None))
        return token if now < until else None


def _hashed(code: str) -> bytes:
    return sha256(code.encode()).digest()
