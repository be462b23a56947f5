"""What may be registered; the sentences are those that Consul's users know."""

import ipaddress
import re
import uuid
from collections.abc import Mapping

from meshcore.lib.errors import InvalidError
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node, Proxy, Status

META_PAIRS = 64
META_KEY_LENGTH = 128
META_VALUE_LENGTH = 512
META_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
RESERVED_META_PREFIX = "consul-"
NAME_LENGTH = 512
STATUSES: tuple[Status, ...] = ("passing", "warning", "critical")
PORT_LIMIT = 65535


def check_node(node: Node) -> None:
    _check_name("node name", node.name)
    if not node.address:
        raise InvalidError("Must provide address if SkipNodeUpdate is not set")
    if node.id:
        try:
            uuid.UUID(node.id)
        except ValueError as error:
            raise InvalidError(f"Bad node ID: {node.id} is not a UUID") from error
    check_meta(node.meta, what="node metadata")


def check_instance(instance: Instance) -> None:
    _check_name("service name", instance.service)
    _check_name("service ID", instance.id)
    if is_any_address(instance.address):
        raise InvalidError("Invalid service address")
    if not 0 <= instance.port <= PORT_LIMIT:
        raise InvalidError(f"Invalid service port: {instance.port} is not between 0 and 65535")
    if instance.port and instance.socket_path:
        raise InvalidError("Service Port and SocketPath cannot both be set")
    for name, tagged in instance.tagged_addresses.items():
        if is_any_address(tagged.address):
            raise InvalidError(f"Invalid tagged address {name}")
    check_meta(instance.meta, what="Service Meta")
    weights = instance.weights
    if not (0 < weights.passing <= PORT_LIMIT and 0 <= weights.warning <= PORT_LIMIT):
        raise InvalidError(
            "Invalid Weights: Passing must be between 1 and 65535, Warning between 0 and 65535"
        )
    if instance.kind == CONNECT_PROXY:
        _check_proxy(instance)


def _check_proxy(instance: Instance) -> None:
    proxy = instance.proxy
    if proxy is None or not proxy.destination_service:
        raise InvalidError(
            "Proxy.DestinationServiceName must be non-empty for Connect proxy services"
        )
    if proxy.destination_service == "*":
        raise InvalidError(
            "Proxy.DestinationServiceName must not be a wildcard for Connect proxy services"
        )
    if not instance.port and not instance.socket_path:
        raise InvalidError("Port or SocketPath must be set for a Connect proxy")
    if instance.is_connect_native:
        raise InvalidError("A Proxy cannot also be Connect Native, only typical services")
    _check_upstreams(proxy)


def _check_upstreams(proxy: Proxy) -> None:
    taken = set()
    for upstream in proxy.upstreams:
        if not upstream.destination_name:
            raise InvalidError("upstream destination name cannot be empty")
        if upstream.destination_name == "*" and proxy.mode != "transparent":
            raise InvalidError(
                "upstream destination name cannot be a wildcard outside transparent mode"
            )
        listens = upstream.local_bind_socket_path or (
            upstream.local_bind_address or "127.0.0.1",
            upstream.local_bind_port,
        )
        if not upstream.local_bind_port and not upstream.local_bind_socket_path:
            if proxy.mode == "transparent" or upstream.destination_name == "*":
                continue
            raise InvalidError(
                "upstream local bind port or local socket path must be defined and nonzero"
            )
        if listens in taken:
            raise InvalidError(
                f"upstream {upstream.destination_name} listens where another one does"
            )
        taken.add(listens)


def check_check(check: Check) -> None:
    if not check.id:
        raise InvalidError("Missing check name")
    _check_name("check ID", check.id)
    if check.status not in STATUSES:
        raise InvalidError(f'Bad check status "{check.status}"')


def check_meta(meta: Mapping[str, str], *, what: str) -> None:
    if len(meta) > META_PAIRS:
        raise InvalidError(f"Invalid {what}: cannot contain more than {META_PAIRS} key/value pairs")
    for key, value in meta.items():
        if not META_KEY.match(key):
            raise InvalidError(
                f"Invalid {what}: Couldn't load metadata pair ('{key}', '{value}'):"
                " Key contains invalid characters"
            )
        if len(key) > META_KEY_LENGTH:
            raise InvalidError(f"Invalid {what}: key is longer than {META_KEY_LENGTH} characters")
        if key.startswith(RESERVED_META_PREFIX) and key != "consul-network-segment":
            raise InvalidError(f"Invalid {what}: Key prefix '{RESERVED_META_PREFIX}' is reserved")
        if len(value) > META_VALUE_LENGTH:
            raise InvalidError(
                f"Invalid {what}: the value of {key} is longer than {META_VALUE_LENGTH} characters"
            )


def is_any_address(address: str) -> bool:
    """Is this 0.0.0.0 or ::, which nobody can call?"""
    if not address or address[0] not in "0:[":
        return False
    try:
        return ipaddress.ip_address(address.strip("[]")).is_unspecified
    except ValueError:
        return False


def _check_name(what: str, name: str) -> None:
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise InvalidError(f"Invalid {what}: it must be 1 to {NAME_LENGTH} printable characters")
