"""/v1/agent: this server as the agent of its own node."""

from functools import partial

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions import checks as actions
from meshcore.actions.registry_permissions import of_owner
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import EMPTY, Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.wire.errors import Refusal

DONE = Content(body=EMPTY)
ALIVE = 1


def self_(context: Context, request: Request) -> Reading:
    request.caller.require(RuleKind.AGENT, Access.READ, context.node_name)
    described = _self(context)
    return Reading(watch_keys=(), answer=lambda *_: described, is_blocking=False)


def _self(context: Context) -> dict[str, object]:
    return {
        "Config": {
            "Datacenter": context.datacenter,
            "PrimaryDatacenter": context.datacenter,
            "NodeName": context.node_name,
            "NodeID": context.node_id,
            "Revision": "",
            "Server": True,
            "Version": context.version,
            "BuildDate": "",
        },
        "DebugConfig": _settings(context),
        "Coord": None,
        "Member": _member(context),
        "Stats": {
            "agent": {"version": context.version},
            "consul": {"leader": "true", "leader_addr": context.server_address, "server": "true"},
        },
        "Meta": context.node.meta,
        "xDS": {
            "SupportedProxies": {"envoy": list(context.envoy_versions)},
            "Port": context.xds_port,
            "Ports": {"Plaintext": -1, "TLS": context.xds_port},
        },
    }


def _settings(context: Context) -> dict[str, object]:
    return {
        "ConnectEnabled": True,
        "Datacenter": context.datacenter,
        "DefaultIntentionPolicy": "allow" if context.default_allow else "deny",
        "GRPCPort": -1,
        "GRPCTLSPort": context.xds_port,
        "NodeName": context.node_name,
        "SerfAdvertiseAddrLAN": f"tcp://{context.address}:8301",
        "ServerMode": True,
        "UIConfig": {"Enabled": True, "ContentPath": "/ui/"},
    }


def _member(context: Context) -> dict[str, object]:
    return {
        "Name": context.node_name,
        "Addr": context.address,
        "Port": 8301,
        "Tags": {
            "dc": context.datacenter,
            "id": context.node_id,
            "role": "consul",
            "build": context.version,
        },
        "Status": ALIVE,
    }


async def maintenance(context: Context, request: Request) -> Content:
    is_enabled = asked_to_enable(request)
    action = partial(
        actions.set_maintenance,
        node=context.node_name,
        is_enabled=is_enabled,
        reason=request.param("reason"),
    )
    needs = partial(of_owner, node=context.node_name)
    await write(context, request, action, needs=needs, reason=request.param("reason"))
    return DONE


def asked_to_enable(request: Request) -> bool:
    if not request.param("enable"):
        raise Refusal(400, "Missing value for enable")
    return request.flag("enable", invalid=f'Invalid value for enable: "{request.param("enable")}"')


ROUTES: Routes = {
    "/v1/agent/self": Route(reads=self_),
    "/v1/agent/maintenance": Route(calls={"PUT": maintenance}),
}
