"""/v1/acl/token and /v1/acl/tokens; a secret is shown to its holder and to who may write ACLs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.types import Token
from meshcore.actions import acl as actions
from meshcore.actions.acl_grants import require_id
from meshcore.consul_api.acl_answers import (
    absent,
    asked,
    current,
    named,
    require,
    require_enabled,
    shown,
)
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh
from meshcore.store.store import Action
from meshcore.wire.acl import (
    CloneIn,
    ExpandedTokenOut,
    TokenIn,
    TokenOut,
    expanded_fields,
    read,
    token_fields,
)
from meshcore.wire.acl_links import links_of, references
from meshcore.wire.decoding import seconds
from meshcore.wire.errors import Refusal

HIDDEN = "<hidden>"
CLONE = "/clone"
FILTERS: dict[str, Callable[[Token, str], bool]] = {
    "policy": lambda token, value: value in token.policies,
    "role": lambda token, value: value in token.roles,
    "authmethod": lambda token, value: value == token.auth_method,
    "servicename": lambda token, value: any(
        value == identity.service for identity in token.service_identities
    ),
}


async def listed(context: Context, request: Request) -> Content:
    mesh, now = await asked(context, request), datetime.now(UTC)
    wanted = {name: request.param(name) for name in FILTERS if request.param(name)}
    rows = [
        token_out(context, request, mesh, accessor_id)
        for accessor_id, record in sorted(mesh.acl.tokens.items())
        if not record.value.is_expired(now)
        and all(FILTERS[name](record.value, value) for name, value in wanted.items())
    ]
    return shown(request, rows, mesh=mesh)


async def own(context: Context, request: Request) -> Content:
    """Whoever has the secret may read the token."""
    require_enabled(context)
    mesh = await current(context, request)
    accessor_id = request.caller.accessor_id
    if accessor_id not in mesh.acl.tokens:
        raise Refusal(404, "Supplied token does not exist")
    return shown(request, token_out(context, request, mesh, accessor_id), mesh=mesh)


async def by_accessor(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    token = mesh.acl.token(named(request, "token AccessorID"))
    if token is None or token.is_expired(datetime.now(UTC)):
        raise absent("token")
    if not request.has("expanded"):
        return shown(request, token_out(context, request, mesh, token.accessor_id), mesh=mesh)
    expanded = ExpandedTokenOut(
        **_fields(context, request, mesh, token),
        **expanded_fields(token, mesh.acl),
        agent_acl_default_policy="allow" if context.callers.default_allow else "deny",
        resolved_by_agent=context.node_name,
    )
    return shown(request, expanded, mesh=mesh)


async def create(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    given = read(request.body, TokenIn, what="Token")
    if given.auth_method:
        raise InvalidError("AuthMethod field is disallowed outside of Login")
    token = _new(context, given)
    return await written(context, request, token, partial(actions.create_token, token=token))


async def put(context: Context, request: Request) -> Content:
    """Update the token, or clone it under `/clone`."""
    require(context, request, Access.WRITE)
    accessor_id = named(request, "token AccessorID")
    if accessor_id.endswith(CLONE):
        return await _clone(context, request, accessor_id.removesuffix(CLONE))
    given = read(request.body, TokenIn, what="Token")
    if given.accessor_id not in ("", accessor_id):
        raise Refusal(400, "Token Accessor ID in URL and payload do not match")
    if given.expiration_ttl:
        raise InvalidError(f"Cannot change expiration time of {accessor_id}")
    now = datetime.now(UTC)
    secret = "" if given.secret_id == HIDDEN else given.secret_id
    token = Token(
        accessor_id=accessor_id,
        secret_hash=context.callers.hashed(secret) if secret else "",
        sealed_secret=b"",
        created_at=now,
        expires_at=given.expiration_time,
        description=given.description,
        roles=references(given.roles, what="role"),
        **links_of(given),
        is_local=given.local,
        auth_method=given.auth_method,
    )
    action = partial(actions.update_token, token=token, now=now)
    return await written(context, request, token, action)


async def delete(context: Context, request: Request) -> Content:
    require(context, request, Access.WRITE)
    action = partial(
        actions.delete_token,
        accessor_id=named(request, "token AccessorID"),
        now=datetime.now(UTC),
        by=request.caller.accessor_id,
        is_forced=request.flag("force", invalid="Invalid value for ?force"),
    )
    await context.store.write(action, actor=request.caller.actor)
    return Content(body=TRUE)


async def _clone(context: Context, request: Request, accessor_id: str) -> Content:
    given = read(request.body or b"{}", CloneIn, what="Token")
    clone = _new(context, TokenIn(description=given.description))
    action = partial(
        actions.clone_token, accessor_id=accessor_id, clone=clone, now=clone.created_at
    )
    return await written(context, request, clone, action)


async def written(context: Context, request: Request, token: Token, action: Action) -> Content:
    done = await context.store.write(action, actor=request.caller.actor)
    return shown(request, token_out(context, request, done.mesh, token.accessor_id), mesh=done.mesh)


def token_out(context: Context, request: Request, mesh: Mesh, accessor_id: str) -> TokenOut:
    token = mesh.acl.tokens[accessor_id].value
    return TokenOut(**_fields(context, request, mesh, token))


def _fields(context: Context, request: Request, mesh: Mesh, token: Token) -> dict[str, Any]:
    caller = request.caller
    is_shown = caller.may(RuleKind.ACL, Access.WRITE) or caller.accessor_id == token.accessor_id
    secret = context.callers.secret_of(token) if is_shown else HIDDEN
    return token_fields(mesh.acl.tokens[token.accessor_id], mesh.acl, secret=secret)


def _new(context: Context, given: TokenIn) -> Token:
    """A token with the ids that are given, or with new ones."""
    accessor_id, secret = given.accessor_id or str(uuid4()), given.secret_id or str(uuid4())
    require_id(secret, what="Invalid Token: SecretID")
    now = datetime.now(UTC)
    return Token(
        accessor_id=accessor_id,
        secret_hash=context.callers.hashed(secret),
        sealed_secret=context.callers.sealed(secret, accessor_id=accessor_id),
        created_at=now,
        expires_at=_expires_at(given, now=now),
        description=given.description,
        roles=references(given.roles, what="role"),
        **links_of(given),
        is_local=given.local,
    )


def _expires_at(given: TokenIn, *, now: datetime) -> datetime | None:
    if not given.expiration_ttl:
        return given.expiration_time
    if given.expiration_time:
        raise InvalidError("Token Expiration TTL and Expiration Time cannot both be set")
    return now + timedelta(seconds=seconds(given.expiration_ttl, what="ExpirationTTL"))


ROUTES: Routes = {
    "/v1/acl/tokens": Route(calls={"GET": listed}),
    "/v1/acl/token": Route(calls={"PUT": create}),
    "/v1/acl/token/": Route(calls={"GET": by_accessor, "PUT": put, "DELETE": delete}),
    "/v1/acl/token/self": Route(calls={"GET": own}),
}
