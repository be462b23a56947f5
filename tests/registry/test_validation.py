import msgspec
import pytest

from meshcore.lib.errors import InvalidError
from meshcore.registry.types import Address, Check, Instance, Node, Proxy, Upstream, Weights
from meshcore.registry.validation import (
    check_check,
    check_instance,
    check_node,
    is_any_address,
)

WEB = Instance(node="node-1", id="web", service="web", port=80)
SIDECAR = msgspec.structs.replace(WEB, kind="connect-proxy", proxy=Proxy(destination_service="web"))


def listening(*upstreams: Upstream, mode: str = "") -> Proxy:
    return Proxy(destination_service="web", upstreams=upstreams, mode=mode)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, None),
        ({"address": "::"}, "Invalid service address"),
        ({"address": "10.0.0.0"}, None),
        ({"port": -1}, "Invalid service port"),
        ({"socket_path": "/run/web"}, "cannot both be set"),
        ({"tagged_addresses": {"wan": Address("0.0.0.0")}}, "Invalid tagged address wan"),
        ({"weights": Weights(0, 1)}, "Invalid Weights"),
        ({"service": "a\nb"}, "Invalid service name"),
        ({"meta": {f"k{n}": "" for n in range(65)}}, "more than 64 key/value pairs"),
        ({"meta": {"a b": ""}}, "Key contains invalid characters"),
        ({"meta": {"a" * 129: ""}}, "longer than 128"),
        ({"meta": {"a": "b" * 513}}, "longer than 512"),
        ({"meta": {"consul-x": ""}}, "'consul-' is reserved"),
    ],
)
def test_instances(changed: dict[str, object], refusal: str | None) -> None:
    instance = msgspec.structs.replace(WEB, **changed)
    if refusal is None:
        check_instance(instance)
        return
    with pytest.raises(InvalidError, match=refusal):
        check_instance(instance)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, None),
        ({"proxy": None}, "DestinationServiceName must be non-empty"),
        ({"proxy": Proxy(destination_service="*")}, "must not be a wildcard"),
        ({"port": 0}, "Port or SocketPath must be set"),
        ({"is_connect_native": True}, "cannot also be Connect Native"),
        ({"proxy": listening(Upstream(destination_name="db", local_bind_port=1))}, None),
        ({"proxy": listening(Upstream(destination_name=""))}, "name cannot be empty"),
        ({"proxy": listening(Upstream(destination_name="db"))}, "must be defined and nonzero"),
        ({"proxy": listening(Upstream(destination_name="db"), mode="transparent")}, None),
        (
            {
                "proxy": listening(
                    Upstream(destination_name="db", local_bind_port=1),
                    Upstream(destination_name="api", local_bind_port=1),
                )
            },
            "upstream api listens where another one does",
        ),
    ],
)
def test_proxies(changed: dict[str, object], refusal: str | None) -> None:
    instance = msgspec.structs.replace(SIDECAR, **changed)
    if refusal is None:
        check_instance(instance)
        return
    with pytest.raises(InvalidError, match=refusal):
        check_instance(instance)


def test_nodes_and_checks() -> None:
    check_node(Node(name="node-1", address="10.0.0.1"))
    with pytest.raises(InvalidError, match="Invalid node name"):
        check_node(Node(name="", address="10.0.0.1"))
    with pytest.raises(InvalidError, match="Missing check name"):
        check_check(Check(node="node-1", id="", name=""))


@pytest.mark.parametrize(
    ("address", "is_any"),
    [("0.0.0.0", True), ("::", True), ("[::]", True), ("", False), ("0.example.com", False)],
)
def test_address_that_nobody_can_call(*, address: str, is_any: bool) -> None:
    assert is_any_address(address) == is_any
