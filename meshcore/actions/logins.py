"""Logging in by an auth method, logging out, and the end of tokens whose time is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from meshcore.acl.binding import Bindings, Claims, bound
from meshcore.acl.types import AuthMethod, Token
from meshcore.lib.errors import DeniedError, InvalidError
from meshcore.mesh.types import Change, Mesh, Topic

DENIED = "Permission denied"
# So long an expired token's holder is told what happened, and not only that there is no such token.
KEPT_AFTER_EXPIRY = timedelta(hours=1)
PRUNED_AT_ONCE = 1000


class LoginRefusedError(DeniedError):
    """Tells the caller nothing, for it may be anybody; the reason is for the server's log."""

    def __init__(self, reason: str) -> None:
        super().__init__(DENIED)
        self.reason = reason


class NewSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A token's secret as it is kept, made before the token is."""

    accessor_id: str
    secret_hash: str
    sealed_secret: bytes


def login(
    mesh: Mesh,
    method: AuthMethod,
    claims: Claims,
    *,
    secret: NewSecret,
    now: datetime,
    datacenter: str,
    description: str = "",
) -> Iterator[Change]:
    """Make a token of what the claims, verified by this very method, are bound to."""
    if mesh.acl.auth_method(method.name) != method:
        raise LoginRefusedError("the auth method was changed during the login")
    found = bindings(mesh, method, claims, datacenter=datacenter)
    token = Token(
        accessor_id=secret.accessor_id,
        secret_hash=secret.secret_hash,
        sealed_secret=secret.sealed_secret,
        created_at=now,
        expires_at=now + method.max_token_ttl if method.max_token_ttl else None,
        description=description,
        policies=found.policies,
        roles=found.roles,
        service_identities=found.service_identities,
        node_identities=found.node_identities,
        templated_policies=found.templated_policies,
        is_local=method.token_locality == "local",  # noqa: S105 no secret
        auth_method=method.name,
    )
    yield Change(Topic.TOKEN, (token.accessor_id,), None, token)


def bindings(mesh: Mesh, method: AuthMethod, claims: Claims, *, datacenter: str) -> Bindings:
    try:
        found = bound(
            mesh.acl.rules_of_method(method.name), claims, mesh.acl, datacenter=datacenter
        )
    except InvalidError as error:
        raise LoginRefusedError(f"a binding rule made no good name: {error}") from error
    if not found:
        raise LoginRefusedError("no binding rule matches these claims")
    return found


def logout(mesh: Mesh, accessor_id: str) -> Iterator[Change]:
    """Delete a token that was made by a login; all others are for `acl token delete`."""
    token = mesh.acl.token(accessor_id)
    if token is None or not token.auth_method:
        raise DeniedError(f"{DENIED}: only a token that was made by a login can log out")
    yield Change(Topic.TOKEN, (accessor_id,), token, None)


def prune_expired(mesh: Mesh, *, now: datetime) -> Iterator[Change]:
    return (
        Change(Topic.TOKEN, (token.accessor_id,), token, None)
        for token in islice(prunable(mesh, now=now), PRUNED_AT_ONCE)
    )


def prunable(mesh: Mesh, *, now: datetime) -> Iterator[Token]:
    """Tokens that expired so long ago that nobody will ask what became of them."""
    tokens = (record.value for record in mesh.acl.tokens.values())
    return (token for token in tokens if token.is_expired(now - KEPT_AFTER_EXPIRY))
