"""/v1/internal/debug: what this process is at, for `tulle debug`; Tulle's own."""

from meshcore.acl.rules import Access, RuleKind
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.routes import Reading, Route, Routes


def debug(context: Context, request: Request) -> Reading:
    """Takes operator:read: stacks and log lines name whatever the server is at."""
    request.caller.require(RuleKind.OPERATOR, Access.READ)
    return Reading(
        watch_keys=(), answer=lambda *_: context.described(), is_blocking=False, is_kept=False
    )


ROUTES: Routes = {"/v1/internal/debug": Route(reads=debug)}
