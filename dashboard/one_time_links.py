"""Links that log a browser in once, for whoever has shown a token elsewhere.

They are kept in the memory of the process that made them: behind a load balancer, with several
servers, a link may reach one that does not know it.
"""

import secrets
import threading
from datetime import datetime, timedelta
from hashlib import sha256

from meshcore.acl.types import Token

LIFETIME = timedelta(seconds=60)
MOST = 1000  # at once; the oldest gives way


class OneTimeLinks:
    """Codes are kept as hashes, so that looking one up tells nothing by the time it takes."""

    def __init__(self) -> None:
        self._tokens: dict[bytes, tuple[datetime, Token]] = {}
        self._lock = threading.Lock()

    def made(self, token: Token, *, now: datetime) -> str:
        code = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._tokens) >= MOST:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[_hashed(code)] = (now + LIFETIME, token)
        return code

    def used(self, code: str, *, now: datetime) -> Token | None:
        """The token it was made for, the first time and in time."""
        with self._lock:
            until, token = self._tokens.pop(_hashed(code), (now, None))
        return token if now < until else None


def _hashed(code: str) -> bytes:
    return sha256(code.encode()).digest()
