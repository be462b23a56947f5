"""What the catalog has for a node, read and written over HTTP."""

from typing import Any

import msgspec
from msgspec.structs import replace

from meshcore.agent.reconcile import Put, State, Step, Take
from meshcore.agent.servers import Servers
from meshcore.client.http import segment
from meshcore.lib.records import Record
from meshcore.registry.types import Check, Instance, Node, Proxy
from meshcore.wire.check_definitions import CatalogCheckIn, catalog_check_of
from meshcore.wire.checks import check_out
from meshcore.wire.decoding import decode
from meshcore.wire.registry import service_out
from meshcore.wire.service_definitions import CatalogServiceIn, catalog_instance_of

OURS = ("CreateIndex", "ModifyIndex", "PeerName")  # of what is shown, and not of what is registered


async def find(servers: Servers, node: str, *, token: str) -> State:
    """What this token may see of it; the rest is written again, which changes nothing."""
    path = f"/v1/catalog/node-services/{segment(node)}"
    shown = await servers.ask("GET", path, token=token)
    if not shown:
        return State()
    checks = await servers.ask("GET", f"/v1/health/node/{segment(node)}", token=token)
    return State(
        node=node_of(shown["Node"]),
        instances={each["ID"]: instance_of(each, node) for each in shown["Services"] or ()},
        checks={each["CheckID"]: check_of(each, node) for each in checks or ()},
    )


def node_of(shown: dict[str, Any]) -> Node:
    return Node(
        name=shown["Node"],
        address=shown["Address"],
        id=shown["ID"],
        tagged_addresses=shown["TaggedAddresses"] or {},
        meta=shown["Meta"] or {},
        locality=shown.get("Locality"),
    )


def instance_of(shown: dict[str, Any], node: str) -> Instance:
    given = decode(msgspec.json.encode(shown), CatalogServiceIn)
    instance = catalog_instance_of(given, node=node)
    return replace(instance, proxy=None) if instance.proxy == Proxy() else instance


def check_of(shown: dict[str, Any], node: str) -> Check:
    timing = {"Interval": shown["Interval"], "Timeout": shown["Timeout"]}
    given = decode(msgspec.json.encode(shown | {"Definition": timing}), CatalogCheckIn)
    return catalog_check_of(given, node=node)


async def take(servers: Servers, step: Step, *, node: Node, datacenter: str, token: str) -> None:
    """Make the catalog take one step towards what is wanted."""
    if isinstance(step, Take):
        body = {
            "Datacenter": datacenter,
            "Node": node.name,
            "ServiceID": step.service_id,
            "CheckID": step.check_id,
        }
        await servers.ask("PUT", "/v1/catalog/deregister", token=token, body=body)
        return
    body = registration(step, node=node, datacenter=datacenter)
    await servers.ask("PUT", "/v1/catalog/register", token=token, body=body)


def registration(step: Put, *, node: Node, datacenter: str) -> dict[str, Any]:
    """The body of catalog/register; only a step about the node changes the node."""
    body: dict[str, Any] = {
        "Datacenter": datacenter,
        "ID": node.id,
        "Node": node.name,
        "Address": node.address,
        "TaggedAddresses": node.tagged_addresses,
        "NodeMeta": node.meta,
        "SkipNodeUpdate": step.node is None,
    }
    if step.instance is not None:
        body["Service"] = _service_body(step.instance)
    if step.checks:
        body["Checks"] = [_check_body(check) for check in step.checks]
    return body


def _check_body(check: Check) -> dict[str, Any]:
    shown = check_out(Record(check, 0, 0))
    return {
        "Node": check.node,
        "CheckID": check.id,
        "Name": check.name,
        "Status": check.status,
        "Notes": check.notes,
        "Output": check.output,
        "ServiceID": check.service_id,
        "Type": check.type,
        "Definition": {"Interval": shown.interval, "Timeout": shown.timeout},
    }


def _service_body(instance: Instance) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(service_out(Record(instance, 0, 0)))
    left_out = (*OURS, "Proxy") if instance.proxy is None else OURS
    return {name: value for name, value in shown.items() if name not in left_out}
