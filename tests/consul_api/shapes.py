"""Consul's JSON, whole, for what the tests register."""

from typing import Any

Json = dict[str, Any]

NODE_ID = "11111111-1111-4111-8111-111111111111"
OWN_NODE: Json = {
    "ID": NODE_ID,
    "Node": "node-1",
    "Address": "127.0.0.1",
    "Datacenter": "dc1",
    "TaggedAddresses": dict.fromkeys(("lan", "lan_ipv4", "wan", "wan_ipv4"), "127.0.0.1"),
    "Meta": {"consul-network-segment": ""},
    "CreateIndex": 1,
    "ModifyIndex": 1,
}


def check(check_id: str, *, index: int, **fields: object) -> Json:
    return {
        "Node": "node-1",
        "CheckID": check_id,
        "Name": check_id,
        "Status": "critical",
        "Notes": "",
        "Output": "",
        "ServiceID": "",
        "ServiceName": "",
        "ServiceTags": [],
        "Type": "",
        "Interval": "",
        "Timeout": "",
        "ExposedPort": 0,
        "Definition": {},
        "CreateIndex": index,
        "ModifyIndex": index,
        **fields,
    }


SERF_HEALTH = check(
    "serfHealth",
    index=1,
    Name="Serf Health Status",
    Status="passing",
    Output="Agent alive and reachable",
)


def service(service_id: str, *, index: int, **fields: object) -> Json:
    return {
        "ID": service_id,
        "Service": service_id,
        "Tags": [],
        "Address": "",
        "Meta": {},
        "Port": 0,
        "Weights": {"Passing": 1, "Warning": 1},
        "EnableTagOverride": False,
        "Proxy": {"Mode": "", "MeshGateway": {}, "Expose": {}},
        "Connect": {},
        "PeerName": "",
        "CreateIndex": index,
        "ModifyIndex": index,
        **fields,
    }
