"""The fields of a service definition: a misspelt one is told, where the API would pass over it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

Path = tuple[str | int, ...]

SERVICE = (
    "id name kind tags port ports address socket_path tagged_addresses meta weights"
    " enable_tag_override check checks proxy locality connect token"
)
FIELDS = {  # kind of block -> its fields
    "service": SERVICE,
    "sidecar_service": SERVICE,
    "connect": "native sidecar_service",
    "weights": "passing warning",
    "proxy": "destination_service_name destination_service_id local_service_address"
    " local_service_port local_service_socket_path mode config upstreams mesh_gateway expose"
    " transparent_proxy envoy_extensions access_logs",
    "upstreams": "destination_type destination_name destination_namespace destination_partition"
    " destination_peer datacenter local_bind_address local_bind_port local_bind_socket_path"
    " local_bind_socket_mode config mesh_gateway",
    "check": "id check_id name notes status service_id args script_args http method header body"
    " tls_server_name tls_skip_verify disable_redirects tcp tcp_use_tls udp grpc grpc_use_tls ttl"
    " alias_node alias_service interval timeout success_before_passing failures_before_warning"
    " failures_before_critical deregister_critical_service_after output_max_size h2ping"
    " h2ping_use_tls os_service docker_container_id shell",
}
KNOWN = {
    kind: {name.replace("_", ""): name for name in names.split()} for kind, names in FIELDS.items()
}
KNOWN["checks"] = KNOWN["check"]


def unknown_fields(block: object, *, kind: str, path: Path) -> Iterator[tuple[Path, str]]:
    """The path and a sentence for each field that no definition has; repeated blocks are lists."""
    if isinstance(block, list):
        for index, one in enumerate(block):
            yield from unknown_fields(one, kind=kind, path=(*path, index))
    if not isinstance(block, Mapping):
        return
    for key, value in block.items():
        known = KNOWN[kind].get(_plain(key))
        if known is None:
            yield (*path, key), f"{key} is no field of {kind}, and not used{_hint(key, kind)}"
        elif known in KNOWN:
            yield from unknown_fields(value, kind=known, path=(*path, key))


def _hint(key: str, kind: str) -> str:
    close = get_close_matches(_plain(key), KNOWN[kind], n=1)
    return f"; did you mean {KNOWN[kind][close[0]]}?" if close else ""


def _plain(key: str) -> str:
    """Consul takes service_id, ServiceID and serviceId."""
    return key.replace("_", "").lower()
