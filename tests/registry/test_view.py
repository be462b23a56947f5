"""The look-ups that are kept beside the values agree with them."""

from hypothesis import given
from hypothesis import strategies as st

from meshcore.lib.records import Record
from meshcore.registry.types import (
    CONNECT_PROXY,
    SIDECAR_PORTS,
    Check,
    CheckDefinition,
    Instance,
    Node,
)
from meshcore.registry.view import Registry

NODES = st.sampled_from(("node-1", "node-2"))
IDS = st.sampled_from(("web", "api", "db"))
STEPS = st.one_of(
    st.tuples(st.just("node"), NODES, st.sampled_from(("", "id-1", "id-2", None)), st.none()),
    st.tuples(st.just("instance"), NODES, IDS, st.sampled_from((None, 80, 21000, 21001, 21255))),
    st.tuples(st.just("check"), NODES, IDS, st.sampled_from((None, "", "web", "api"))),
)


def taken(registry: Registry, step: tuple[str, str, str | None, object]) -> Registry:
    what, node, name, value = step
    if what == "node":
        if name is None:
            return registry.with_node(node, None) if node in registry.nodes else registry
        return registry.with_node(node, Record(Node(name=node, address="a", id=name), 1, 1))
    assert name is not None
    key = (node, name)
    if what == "instance":
        if value is None:
            return registry.with_instance(key, None) if key in registry.instances else registry
        assert isinstance(value, int)
        kind = CONNECT_PROXY if value == 21001 else ""
        instance = Instance(node=node, id=name, service=name, port=value, kind=kind)
        return registry.with_instance(key, Record(instance, 1, 1))
    if value is None:
        return registry.with_check(key, None) if key in registry.checks else registry
    definition = CheckDefinition(alias_node=node if value else "", alias_service=str(value))
    check = Check(node=node, id=name, name=name, definition=definition)
    return registry.with_check(key, Record(check, 1, 1))


@given(st.lists(STEPS, max_size=30))
def test_look_ups_agree_with_the_values(
    steps: list[tuple[str, str, str | None, object]],
) -> None:
    registry = Registry()
    for step in steps:
        registry = taken(registry, step)
    ports: dict[tuple[str, int], int] = {}
    for key, instance in registry.instances.items():
        if instance.value.port in SIDECAR_PORTS:
            place = (key[0], instance.value.port)
            ports[place] = ports.get(place, 0) + 1
    assert dict(registry.sidecar_ports) == ports
    proxies: dict[str, set[str]] = {}
    for (node, name), record in registry.instances.items():
        if record.value.kind == CONNECT_PROXY:
            proxies.setdefault(name, set()).add(node)
    assert dict(registry.nodes_of_proxies) == proxies
    followers: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for key, check in registry.checks.items():
        followed = check.value.definition.followed
        if followed:
            followers.setdefault(followed, set()).add(key)
    assert dict(registry.followers) == followers
    for node_id, name in registry.names_by_id.items():
        assert registry.nodes[name].value.id == node_id
