"""/v1/internal/node/heartbeat: an agent says that its node lives."""

import time
from functools import partial

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions import liveness as actions
from meshcore.actions.registry_permissions import node_write
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content, json_content
from meshcore.consul_api.routes import Route, Routes
from meshcore.registry import liveness
from meshcore.registry.health import SERF_HEALTH
from meshcore.wire.decoding import decode
from meshcore.wire.names import In, Out


class HeartbeatIn(In, frozen=True, kw_only=True):
    node: str
    id: str = ""
    address: str = ""


class HeartbeatOut(Out, frozen=True, kw_only=True):
    interval_seconds: float = liveness.INTERVAL_S
    missed_after_seconds: float = liveness.MISSED_AFTER_S


async def heartbeat(context: Context, request: Request) -> Content:
    """Kept in memory; only a node that was not alive is a write."""
    given = decode(request.body, HeartbeatIn)
    request.caller.require(RuleKind.NODE, Access.WRITE, given.node)
    mesh = context.store.mesh
    actions.require_same_node(mesh, node=given.node, node_id=given.id)
    context.heartbeats.hear_of_node(given.node, now_s=time.monotonic())
    check = mesh.registry.check((given.node, SERF_HEALTH))
    if check is None or check.status != "passing":
        action = partial(
            actions.set_liveness, node=given.node, status="passing", output=liveness.ALIVE
        )
        await write(context, request, action, needs=lambda _mesh: [node_write(given.node)])
    return json_content(HeartbeatOut(), is_pretty=request.has("pretty"))


ROUTES: Routes = {"/v1/internal/node/heartbeat": Route(calls={"PUT": heartbeat})}
