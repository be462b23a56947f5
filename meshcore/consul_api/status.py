"""/v1/status: every server writes, so each one is its own leader."""

from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.routes import Reading, Route, Routes


def leader(context: Context, request: Request) -> Reading:
    return Reading(watch_keys=(), answer=lambda *_: context.server_address, is_blocking=False)


def peers(context: Context, request: Request) -> Reading:
    return Reading(watch_keys=(), answer=lambda *_: [context.server_address], is_blocking=False)


ROUTES: Routes = {
    "/v1/status/leader": Route(reads=leader, is_open=True),
    "/v1/status/peers": Route(reads=peers, is_open=True),
}
