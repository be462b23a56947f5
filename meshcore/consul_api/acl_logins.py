"""/v1/acl/login and /v1/acl/logout."""

import logging
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import msgspec

from meshcore.acl.types import ANONYMOUS_TOKEN, AuthMethod
from meshcore.actions import logins as actions
from meshcore.actions.logins import LoginRefusedError, NewSecret
from meshcore.consul_api.acl_answers import require_enabled, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.errors import Refusal
from meshcore.consul_api.logins.verification import verified
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.consul_api.wire.acl import TokenOut, read, token_fields
from meshcore.consul_api.wire.names import In
from meshcore.store.store import Written

DESCRIPTION = "token created via login"
MOST_META_BYTES = 4096

logger = logging.getLogger(__name__)


class LoginIn(In, frozen=True, kw_only=True):
    auth_method: str = ""
    bearer_token: str = ""
    meta: dict[str, str] | None = None


async def log_in(context: Context, request: Request) -> Content:
    """Exchange a bearer token for one of ours; a refusal's reason is in the log alone."""
    require_enabled(context)
    given = read(request.body, LoginIn, what="Login")
    meta = msgspec.json.encode(given.meta).decode() if given.meta else ""
    if len(meta) > MOST_META_BYTES:
        raise Refusal(400, f"Meta is longer than {MOST_META_BYTES} bytes")
    method = context.store.mesh.acl.auth_method(given.auth_method)
    if method is None:
        raise Refusal(403, f'ACL not found: auth method "{given.auth_method}" not found')
    secret = str(uuid4())
    description = f"{DESCRIPTION}: {meta}" if meta else DESCRIPTION
    try:
        accessor_id, done = await _token_made(context, method, given, secret, description)
    except LoginRefusedError as error:
        logger.warning("login by auth method %s refused: %s", method.name, error.reason)
        raise
    fields = token_fields(done.mesh.acl.tokens[accessor_id], done.mesh.acl, secret=secret)
    return shown(request, TokenOut(**fields), mesh=done.mesh)


async def _token_made(
    context: Context, method: AuthMethod, given: LoginIn, secret: str, description: str
) -> tuple[str, Written]:
    callers, accessor_id = context.callers, str(uuid4())
    claims = await verified(method, given.bearer_token, key_sets=context.key_sets, callers=callers)
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
        datacenter=context.datacenter,
        description=description,
    )
    return accessor_id, await context.store.write(action, actor=f"login by {method.name}")


async def log_out(context: Context, request: Request) -> Content:
    """Revoke the token that is presented."""
    require_enabled(context)
    caller = request.caller
    if caller.accessor_id == ANONYMOUS_TOKEN:
        raise Refusal(403, "ACL not found")
    action = partial(actions.logout, accessor_id=caller.accessor_id)
    await context.store.write(action, actor=caller.actor)
    return Content(body=TRUE)


ROUTES: Routes = {
    "/v1/acl/login": Route(calls={"POST": log_in}, is_open=True),
    "/v1/acl/logout": Route(calls={"POST": log_out}),
}
