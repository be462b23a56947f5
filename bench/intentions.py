"""The mesh that propagation is measured on, and the writes whose effect is awaited."""

import json

import msgspec

from bench.load import drive, request_bytes
from bench.servers import Server

FIRST_SIDECAR_PORT = 20_000


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A write as HTTP, and what tells that it is in force: a status, and a word in the policy."""

    request: bytes
    status: int
    word: bytes
    has_word: bool

    def is_in(self, policy: bytes) -> bool:
        return not self.word or (self.word in policy) == self.has_word


def deny(source: str, destination: str) -> Change:
    path = f"/v1/connect/intentions/exact?source={source}&destination={destination}"
    request = request_bytes("PUT", path, json.dumps({"Action": "deny"}).encode())
    return Change(request=request, status=403, word=word(source), has_word=True)


def undo(source: str, destination: str) -> Change:
    path = f"/v1/connect/intentions/exact?source={source}&destination={destination}"
    request = request_bytes("DELETE", path)
    return Change(request=request, status=200, word=word(source), has_word=False)


def word(source: str) -> bytes:
    """A source's SPIFFE ID stands in the policy; for any source each server writes its own way."""
    return b"" if source == "*" else f"/svc/{source}".encode()


def lay(server: Server, *, instances: int, app_port: int) -> list[str]:
    """An HTTP service `api` of so many instances, each with a sidecar; returns their ids."""
    defaults = {"Kind": "service-defaults", "Name": "api", "Protocol": "http"}
    server.must("PUT", "/v1/config", defaults)
    ids = [f"api-{number:04}" for number in range(instances)]
    services = [api(instance_id, app_port) for instance_id in ids]
    services += [sidecar(instance_id, n, app_port) for n, instance_id in enumerate(ids)]
    requests = [
        (str(s["ID"]), request_bytes("PUT", "/v1/agent/service/register", json.dumps(s).encode()))
        for s in services
    ]
    load = drive(server.http_port, requests, clients=32, expected=b"")
    if len(load.acknowledged) != len(requests):
        raise SystemExit(f"{server.name}: registering failed: {load.wrong[:3]}")
    return ids


def api(instance_id: str, app_port: int) -> dict[str, object]:
    return {"ID": instance_id, "Name": "api", "Address": "127.0.0.1", "Port": app_port}


def sidecar(instance_id: str, number: int, app_port: int) -> dict[str, object]:
    """Written out, because what Consul makes of a `SidecarService` has a TCP check of its port."""
    return {
        "Kind": "connect-proxy",
        "ID": f"{instance_id}-sidecar-proxy",
        "Name": "api-sidecar-proxy",
        "Address": "127.0.0.1",
        "Port": FIRST_SIDECAR_PORT + number,
        "Proxy": {
            "DestinationServiceName": "api",
            "DestinationServiceID": instance_id,
            "LocalServiceAddress": "127.0.0.1",
            "LocalServicePort": app_port,
        },
    }
