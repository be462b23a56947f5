"""Logins of browsers: what a cookie holds in the place of the token's secret.

It names the token by its accessor, and by the hash of its secret so that a token that was made anew
under the same accessor is not meant; sealed, so that nobody but a server of this mesh can make one.
No list of logins is kept: one ends with its token, or after a working day.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta

import msgspec

from meshcore.acl.types import ANONYMOUS_TOKEN, Token
from meshcore.certificates.sealing import SealingError
from meshcore.lib.errors import DeniedError
from meshcore.mesh.types import Mesh
from meshcore.store.callers import Caller, Callers, UnknownTokenError

COOKIE = "tulle_login"
PLACE = "browser login"
LIFETIME = timedelta(hours=12)
LONGEST = 1024


class LoginEndedError(DeniedError):
    """Says in a sentence for people why they have to log in again."""


class Login(msgspec.Struct, frozen=True, array_like=True):
    accessor_id: str
    secret_hash: str
    since_s: int


def begin(callers: Callers, secret: str, *, now: datetime) -> str:
    """Return what the cookie is to hold; raise UnknownTokenError for a secret of no token."""
    token = callers.token(secret)
    if token.accessor_id == ANONYMOUS_TOKEN:
        raise UnknownTokenError("the anonymous token is nobody's to log in with")
    return begin_with(callers, token, now=now)


def begin_with(callers: Callers, token: Token, *, now: datetime) -> str:
    login = Login(token.accessor_id, token.secret_hash, int(now.timestamp()))
    sealed = callers.sealed_for(PLACE, msgspec.json.encode(login).decode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def caller(callers: Callers, cookie: str, *, mesh: Mesh, now: datetime) -> Caller:
    """Who is logged in; raise LoginEndedError when nobody is any more."""
    login = _opened(callers, cookie)
    ends_at = datetime.fromtimestamp(login.since_s, UTC) + LIFETIME
    if now >= ends_at:
        raise LoginEndedError(f"a login lasts {LIFETIME // timedelta(hours=1)} hours")
    token = mesh.acl.token(login.accessor_id)
    if token is None or token.secret_hash != login.secret_hash:
        raise LoginEndedError("the token that you logged in with was revoked")
    if token.is_expired(now):
        raise LoginEndedError("the token that you logged in with has expired")
    found = callers.caller_with(token, mesh=mesh)
    earliest = min(ends_at, token.expires_at) if token.expires_at else ends_at
    return msgspec.structs.replace(found, expires_at=earliest)


def _opened(callers: Callers, cookie: str) -> Login:
    if len(cookie) > LONGEST:
        raise LoginEndedError("the login was not made by this mesh")
    try:
        sealed = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        return msgspec.json.decode(callers.opened_for(PLACE, sealed), type=Login)
    except (binascii.Error, ValueError, SealingError, msgspec.DecodeError):
        raise LoginEndedError("the login was not made by this mesh") from None
