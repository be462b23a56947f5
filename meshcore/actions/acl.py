"""Writing tokens: the first one, those that it makes, and the end of each."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from meshcore.acl.types import ANONYMOUS_TOKEN, GLOBAL_MANAGEMENT, Bootstrap, Token
from meshcore.acl.view import Acl
from meshcore.actions.acl_grants import require_id, resolved
from meshcore.lib import durations
from meshcore.lib.errors import DeniedError, InvalidError, NotFoundError
from meshcore.mesh.types import Change, Mesh, Topic

RESERVED = "00000000-0000-0000-0000-0000000000"  # what builtin things have ids of
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=24)


def set_up(
    mesh: Mesh, *, secret_hash: str, sealed_secret: bytes, now: datetime
) -> Iterator[Change]:
    """Make the token that everybody has who presents none; what it is given later stays."""
    if mesh.acl.token(ANONYMOUS_TOKEN) is None:
        anonymous = Token(
            accessor_id=ANONYMOUS_TOKEN,
            secret_hash=secret_hash,
            sealed_secret=sealed_secret,
            created_at=now,
            description="Anonymous Token",
        )
        yield Change(Topic.TOKEN, (ANONYMOUS_TOKEN,), None, anonymous)


def bootstrap(mesh: Mesh, token: Token, reset_index: int | None = None) -> Iterator[Change]:
    """Make the first management token, or another one after a reset that names the right index."""
    record = mesh.acl.bootstrap
    if record is not None:
        _require_reset(record.modify_index, reset_index)
    _require_new(token, mesh.acl)
    first = msgspec.structs.replace(
        token, description="Bootstrap Token (Global Management)", policies=(GLOBAL_MANAGEMENT,)
    )
    before = record.value if record else None
    yield Change(Topic.TOKEN, (token.accessor_id,), None, first)
    yield Change(Topic.BOOTSTRAP, (), before, Bootstrap(accessor_id=token.accessor_id))


def create_token(mesh: Mesh, token: Token) -> Iterator[Change]:
    """Its policies and roles may be given by id or by name."""
    _require_new(token, mesh.acl)
    require_id(token.accessor_id, what="Invalid Token: AccessorID")
    _require_expiration(token)
    yield Change(Topic.TOKEN, (token.accessor_id,), None, _linked(token, mesh.acl))


def update_token(mesh: Mesh, token: Token, *, now: datetime) -> Iterator[Change]:
    """Change what it is linked to and its description; the rest is as before, or is left out.

    Left out are an empty secret hash, an empty auth method and no expiration.
    """
    before = _token(
        mesh.acl, token.accessor_id, now=now, otherwise=f'Cannot find token "{token.accessor_id}"'
    )
    if token.secret_hash not in ("", before.secret_hash):
        raise InvalidError("Changing a tokens SecretID is not permitted")
    if token.is_local != before.is_local:
        raise InvalidError(f"cannot toggle local mode of {token.accessor_id}")
    if token.auth_method not in ("", before.auth_method):
        raise InvalidError(f"Cannot change AuthMethod of {token.accessor_id}")
    if token.expires_at not in (None, before.expires_at):
        raise InvalidError(f"Cannot change expiration time of {token.accessor_id}")
    wanted = msgspec.structs.replace(
        token,
        secret_hash=before.secret_hash,
        sealed_secret=before.sealed_secret,
        created_at=before.created_at,
        expires_at=before.expires_at,
        auth_method=before.auth_method,
    )
    after = _linked(wanted, mesh.acl)
    if after != before:
        yield Change(Topic.TOKEN, (token.accessor_id,), before, after)


def clone_token(mesh: Mesh, accessor_id: str, clone: Token, *, now: datetime) -> Iterator[Change]:
    """Make a token that may do the same, under the ids and the secret of `clone`."""
    original = _token(
        mesh.acl, accessor_id, now=now, otherwise=f'Cannot find token "{accessor_id}"'
    )
    if original.auth_method:
        raise InvalidError("Cannot clone a token created from an auth method")
    twin = msgspec.structs.replace(
        original,
        accessor_id=clone.accessor_id,
        secret_hash=clone.secret_hash,
        sealed_secret=clone.sealed_secret,
        created_at=clone.created_at,
        description=clone.description or original.description,
        policies=tuple(each for each in original.policies if mesh.acl.policy(each)),
        roles=tuple(each for each in original.roles if mesh.acl.role(each)),
    )
    # A clone expires when its original does, however soon that is.
    _require_new(twin, mesh.acl)
    yield Change(Topic.TOKEN, (twin.accessor_id,), None, twin)


def delete_token(
    mesh: Mesh, accessor_id: str, *, now: datetime, by: str = "", is_forced: bool = False
) -> Iterator[Change]:
    """`by` is the accessor of who deletes; forced, even the last management token goes."""
    if accessor_id == ANONYMOUS_TOKEN:
        raise InvalidError("Delete operation not permitted on the anonymous token")
    before = mesh.acl.token(accessor_id)
    if before is None:
        raise NotFoundError("Cannot find token to delete")
    if accessor_id == by:
        raise InvalidError("Deletion of the request's authorization token is not permitted")
    if not is_forced and is_last_management(before, mesh.acl, now=now):
        raise InvalidError(
            f"{accessor_id} is the last token that may manage ACLs: without it only a bootstrap"
            " reset leads back in. Make another one first, or force it"
        )
    yield Change(Topic.TOKEN, (accessor_id,), before, None)


def _token(acl: Acl, accessor_id: str, *, now: datetime, otherwise: str) -> Token:
    token = acl.token(accessor_id)
    if token is None or token.is_expired(now):
        raise NotFoundError(otherwise)
    return token


def _require_reset(index: int, reset_index: int | None) -> None:
    if reset_index is None:
        raise DeniedError(
            f"Permission denied: ACL bootstrap no longer allowed (reset index: {index})"
        )
    if reset_index != index:
        raise DeniedError(
            "Permission denied: Invalid bootstrap reset index"
            f" (specified {reset_index}, reset index: {index})"
        )


def _require_new(token: Token, acl: Acl) -> None:
    if token.accessor_id in acl.tokens:
        raise InvalidError("Invalid Token: AccessorID is already in use")
    if token.secret_hash in acl.accessors:
        raise InvalidError("Invalid Token: SecretID is already in use")
    if token.accessor_id.startswith(RESERVED):
        raise InvalidError(f'Invalid Token: UUIDs with the prefix "{RESERVED}" are reserved')


def _require_expiration(token: Token) -> None:
    if token.expires_at is None:
        return
    lasts = token.expires_at - token.created_at
    if lasts < SHORTEST:
        raise InvalidError(
            f"ExpirationTime cannot be less than {durations.render(SHORTEST)} in the future"
        )
    if lasts > LONGEST:
        raise InvalidError(
            f"ExpirationTime cannot be more than {durations.render(LONGEST)} in the future"
        )


def _linked(token: Token, acl: Acl) -> Token:
    for identity in token.service_identities:
        if token.is_local and identity.datacenters:
            raise InvalidError(
                f'Service identity "{identity.service}" cannot specify a list of datacenters'
                " on a local token"
            )
    return resolved(token, acl)


def is_last_management(token: Token, acl: Acl, *, now: datetime) -> bool:
    if not acl.is_management(token):
        return False
    others = (each for each in acl.management_tokens() if each.accessor_id != token.accessor_id)
    return all(other.is_expired(now) for other in others)
