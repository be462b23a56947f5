"""A token of ours for a proof of identity that an auth method accepts."""

import logging
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import msgspec

from meshcore.acl.types import AuthMethod, Token
from meshcore.actions import logins as actions
from meshcore.actions.logins import LoginRefusedError, NewSecret
from meshcore.logins.key_sets import KeySets
from meshcore.logins.verification import verified
from meshcore.mesh.types import Mesh
from meshcore.store.callers import Callers
from meshcore.store.store import Store

DESCRIPTION = "token created via login"

logger = logging.getLogger(__name__)


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    callers: Callers
    key_sets: KeySets
    datacenter: str


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    token: Token
    secret: str
    mesh: Mesh  # that the login left

    def __repr__(self) -> str:
        return f"LoggedIn({self.token!r})"


async def log_in(
    exchange: Exchange, method: AuthMethod, bearer: str, *, meta: str = ""
) -> LoggedIn:
    """Raise LoginRefusedError, whose reason is for the log alone."""
    try:
        return await _exchanged(
            exchange, method, bearer, f"{DESCRIPTION}: {meta}" if meta else DESCRIPTION
        )
    except LoginRefusedError as error:
        logger.warning("login by auth method %s refused: %s", method.name, error.reason)
        raise


async def _exchanged(
    exchange: Exchange, method: AuthMethod, bearer: str, description: str
) -> LoggedIn:
    callers = exchange.callers
    claims = await verified(method, bearer, key_sets=exchange.key_sets, callers=callers)
    secret, accessor_id = str(uuid4()), str(uuid4())
    action = partial(
        actions.login,
        method=method,
        claims=claims,
        secret=NewSecret(
            accessor_id=accessor_id,
            secret_hash=callers.hashed(secret),
            sealed_secret=callers.sealed(secret, accessor_id=accessor_id),
        ),
        now=datetime.now(UTC),
        datacenter=exchange.datacenter,
        description=description,
    )
    done = await exchange.store.write(action, actor=f"login by {method.name}")
    return LoggedIn(token=done.mesh.acl.tokens[accessor_id].value, secret=secret, mesh=done.mesh)
