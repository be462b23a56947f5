"""/v1/acl/login and /v1/acl/logout."""

from functools import partial

import msgspec

from meshcore.acl.types import ANONYMOUS_TOKEN
from meshcore.actions import logins as actions
from meshcore.consul_api.acl_answers import require_enabled, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.logins import exchange as logins
from meshcore.logins.exchange import Exchange
from meshcore.wire.acl import TokenOut, read, token_fields
from meshcore.wire.errors import Refusal
from meshcore.wire.names import In

MOST_META_BYTES = 4096


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
    exchange = Exchange(
        store=context.store,
        callers=context.callers,
        key_sets=context.key_sets,
        datacenter=context.datacenter,
    )
    made = await logins.log_in(exchange, method, given.bearer_token, meta=meta)
    record = made.mesh.acl.tokens[made.token.accessor_id]
    fields = token_fields(record, made.mesh.acl, secret=made.secret)
    return shown(request, TokenOut(**fields), mesh=made.mesh)


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
