"""Who asks, and what a write takes: every request passes here before it is answered."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.rules import Rule
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.mesh.types import Mesh
from meshcore.store.callers import Caller, permitted
from meshcore.store.store import Action


def secret(params: Mapping[str, list[str]], headers: Mapping[bytes, bytes]) -> str:
    """The secret that came along, in Consul's order of precedence; never to be logged."""
    given = params.get("token", [""])[0]
    if given:
        return given
    own = headers.get(b"x-consul-token", b"").decode("latin-1")
    if own:
        return own
    scheme, _, bearer = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else ""


class Scope(msgspec.Struct, frozen=True):
    """Who may be sent the same bytes: all whose verdicts come from one and the same authorizer."""

    authorizer: Authorizer
    has_token: bool  # only who presented one is told that a list is filtered
    accessor_id: str = ""  # where the answer is about the token itself


def scope(caller: Caller, *, is_personal: bool) -> Scope:
    accessor_id = caller.accessor_id if is_personal else ""
    return Scope(caller.authorizer, caller.has_token, accessor_id)


async def write(
    context: Context,
    request: Request,
    action: Action,
    *,
    needs: Callable[[Mesh], Iterable[Rule]],
    reason: str = "",
) -> None:
    caller = request.caller
    allowed = permitted(caller, action, needs)
    await context.store.write(allowed, actor=caller.actor, reason=reason)
