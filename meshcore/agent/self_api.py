"""/v1/agent/self and /v1/agent/maintenance: the agent itself, and its node as a whole."""

from meshcore.acl.rules import Access, RuleKind, exactly
from meshcore.agent.local import Local
from meshcore.agent.requests import Content, Request, json_content
from meshcore.agent.services_api import set_or_end_maintenance

SERF_PORT = 8301  # where Consul's agents would speak with each other; nothing listens there
ALIVE = 1
OFF = -1


async def self_(local: Local, request: Request) -> Content:
    rule = exactly(RuleKind.AGENT, local.host.node.name, Access.READ)
    await local.verdicts.require(request.secret, [rule])
    return json_content(described(local), is_pretty=request.has("pretty"))


def described(local: Local) -> dict[str, object]:
    node, settings = local.host.node, local.settings
    xds_port = OFF if settings.grpc_port is None else settings.grpc_port
    return {
        "Config": {
            "Datacenter": settings.datacenter,
            "PrimaryDatacenter": settings.datacenter,
            "NodeName": node.name,
            "NodeID": node.id,
            "Revision": "",
            "Server": False,
            "Version": local.version,
            "BuildDate": "",
        },
        "DebugConfig": {
            "Datacenter": settings.datacenter,
            "EnableLocalScriptChecks": settings.enable_local_script_checks,
            "EnableRemoteScriptChecks": settings.enable_script_checks,
            "GRPCPort": OFF,
            "GRPCTLSPort": xds_port,
            "NodeName": node.name,
            "ServerMode": False,
        },
        "Coord": None,
        "Member": _member(local),
        "Stats": _stats(local),
        "Meta": node.meta,
        "xDS": {
            "SupportedProxies": {},
            "Port": xds_port,
            "Ports": {"Plaintext": OFF, "TLS": xds_port},
        },
    }


def _member(local: Local) -> dict[str, object]:
    node = local.host.node
    return {
        "Name": node.name,
        "Addr": node.address,
        "Port": SERF_PORT,
        "Tags": {
            "build": local.version,
            "dc": local.settings.datacenter,
            "id": node.id,
            "role": "node",
        },
        "Status": ALIVE,
    }


def _stats(local: Local) -> dict[str, dict[str, str]]:
    registry = local.host.registry
    return {
        "agent": {
            "checks": str(len(registry.checks)),
            "services": str(len(registry.instances)),
            "version": local.version,
        },
        "consul": {"known_servers": str(len(local.servers.places)), "server": "false"},
    }


async def maintenance(local: Local, request: Request) -> Content:
    return await set_or_end_maintenance(local, request, service_id="")
