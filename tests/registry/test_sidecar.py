import pytest

from meshcore.lib.errors import InvalidError
from meshcore.lib.records import Record
from meshcore.registry.sidecar import default_checks, expand
from meshcore.registry.types import SIDECAR_PORTS, Check, CheckDefinition, Instance, Proxy
from meshcore.registry.view import Registry

WEB = Instance(
    node="node-1",
    id="web-1",
    service="web",
    port=8080,
    address="10.0.0.1",
    tags=("v1",),
    meta={"version": "1"},
)
EMPTY = Instance(node="", id="", service="")
SIDECAR = Instance(
    node="node-1",
    id="web-1-sidecar-proxy",
    service="web-sidecar-proxy",
    kind="connect-proxy",
    port=21000,
    address="10.0.0.1",
    tags=("v1",),
    meta={"version": "1"},
    sidecar_of="web-1",
    proxy=Proxy(
        destination_service="web",
        destination_id="web-1",
        local_service_address="127.0.0.1",
        local_service_port=8080,
    ),
)


def listening(*ports: int, node: str = "node-1") -> Registry:
    registry = Registry()
    for port in ports:
        instance = Instance(node=node, id=f"proxy-{port}", service="proxy", port=port)
        registry = registry.with_instance(instance.key, Record(instance, 1, 1))
    return registry


def test_what_is_left_open_comes_from_the_parent() -> None:
    assert expand(Registry(), WEB, EMPTY) == SIDECAR


def test_what_is_given_stays() -> None:
    given = Instance(
        node="",
        id="",
        service="front",
        port=30000,
        address="10.0.0.9",
        tags=("own",),
        proxy=Proxy(local_service_socket_path="/run/web.sock"),
    )
    assert expand(Registry(), WEB, given) == Instance(
        node="node-1",
        id="web-1-sidecar-proxy",
        service="front",
        kind="connect-proxy",
        port=30000,
        address="10.0.0.9",
        tags=("own",),
        meta={"version": "1"},
        sidecar_of="web-1",
        proxy=Proxy(
            destination_service="web",
            destination_id="web-1",
            local_service_socket_path="/run/web.sock",
        ),
    )


@pytest.mark.parametrize(
    ("registry", "port"),
    [
        pytest.param(Registry(), 21000, id="the first"),
        pytest.param(listening(21000, 21001, 21003), 21002, id="the lowest that is free"),
        pytest.param(listening(21000, node="node-2"), 21000, id="other nodes do not count"),
    ],
)
def test_port_is_the_lowest_free_one_of_the_node(registry: Registry, port: int) -> None:
    assert expand(registry, WEB, EMPTY).port == port


def test_sidecar_keeps_its_port_when_it_is_registered_again() -> None:
    registry = listening(21000).with_instance(
        SIDECAR.key, Record(expand(listening(21000), WEB, EMPTY), 1, 1)
    )
    freed = registry.with_instance(("node-1", "proxy-21000"), None)
    assert expand(freed, WEB, EMPTY).port == 21001


def test_full_range_is_said_in_consul_s_words() -> None:
    with pytest.raises(InvalidError, match=r"none left in the configured range \[21000, 21255\]"):
        expand(listening(*SIDECAR_PORTS), WEB, EMPTY)


def test_default_checks_look_at_the_proxy_and_follow_the_service() -> None:
    assert list(default_checks(SIDECAR)) == [
        Check(
            node="node-1",
            id="service:web-1-sidecar-proxy:1",
            name="Connect Sidecar Listening",
            type="tcp",
            definition=CheckDefinition(tcp="10.0.0.1:21000", interval_s=10),
            service_id=SIDECAR.id,
            service=SIDECAR.service,
            service_tags=("v1",),
        ),
        Check(
            node="node-1",
            id="service:web-1-sidecar-proxy:2",
            name="Connect Sidecar Aliasing web-1",
            type="alias",
            definition=CheckDefinition(alias_node="node-1", alias_service="web-1"),
            service_id=SIDECAR.id,
            service=SIDECAR.service,
            service_tags=("v1",),
        ),
    ]
