"""The registry at one index, with the look-ups that every read needs."""

from collections.abc import Iterator

import msgspec
from immutables import Map

from meshcore.lib.records import Record
from meshcore.registry.types import (
    CONNECT_PROXY,
    NODE_LEVEL,
    SIDECAR_PORTS,
    Check,
    CheckKey,
    Instance,
    InstanceKey,
    Node,
)

Instances = Map[InstanceKey, Record[Instance]]
Checks = Map[str, Record[Check]]
NO_INSTANCES: Instances = Map()
NO_CHECKS: Checks = Map()


class Registry(msgspec.Struct, frozen=True):
    nodes: Map[str, Record[Node]] = Map()
    instances: Instances = Map()
    checks: Map[CheckKey, Record[Check]] = Map()
    by_service: Map[str, Instances] = Map()
    by_destination: Map[str, Instances] = Map()  # proxies and native instances, by whom they serve
    by_node: Map[str, Instances] = Map()
    checks_by_instance: Map[InstanceKey, Checks] = Map()  # a node's own under (node, NODE_LEVEL)
    names_by_id: Map[str, str] = Map()  # the names of nodes by their ids
    followers: Map[InstanceKey, frozenset[CheckKey]] = Map()  # alias checks, by what they follow
    nodes_of_proxies: Map[str, frozenset[str]] = Map()  # by the proxies' ids
    sidecar_ports: Map[tuple[str, int], int] = Map()  # (node, port in the range) -> instances

    def node(self, name: str) -> Node | None:
        record = self.nodes.get(name)
        return record.value if record else None

    def instance(self, key: InstanceKey) -> Instance | None:
        record = self.instances.get(key)
        return record.value if record else None

    def check(self, key: CheckKey) -> Check | None:
        record = self.checks.get(key)
        return record.value if record else None

    def of_service(self, service: str) -> Instances:
        return self.by_service.get(service, NO_INSTANCES)

    def toward(self, destination: str) -> Instances:
        """The instances through which the mesh reaches this destination."""
        return self.by_destination.get(destination, NO_INSTANCES)

    def on_node(self, node: str) -> Instances:
        return self.by_node.get(node, NO_INSTANCES)

    def checks_of_node(self, node: str) -> Checks:
        return self.checks_by_instance.get((node, NODE_LEVEL), NO_CHECKS)

    def checks_of(self, key: InstanceKey) -> Checks:
        """The instance's own checks, without those of its node."""
        return self.checks_by_instance.get(key, NO_CHECKS)

    def checks_concerning(self, key: InstanceKey) -> Iterator[Record[Check]]:
        """Those of the node first, then the instance's own: both decide its health."""
        yield from self.checks_of_node(key[0]).values()
        yield from self.checks_of(key).values()

    def with_node(self, name: str, record: Record[Node] | None) -> "Registry":
        before = self.node(name)
        names = self.names_by_id
        if before and before.id and names.get(before.id) == name:
            names = names.delete(before.id)
        if record and record.value.id:
            names = names.set(record.value.id, name)
        nodes = self.nodes.set(name, record) if record else self.nodes.delete(name)
        return msgspec.structs.replace(self, nodes=nodes, names_by_id=names)

    def with_instance(self, key: InstanceKey, record: Record[Instance] | None) -> "Registry":
        before = self.instances.get(key)
        by_service, by_destination = self.by_service, self.by_destination
        if before and (not record or record.value.service != before.value.service):
            by_service = _without(by_service, before.value.service, key)
        if before and (
            not record or record.value.mesh_destination != before.value.mesh_destination
        ):
            by_destination = _without(by_destination, before.value.mesh_destination, key)
        proxies = _proxied(self.nodes_of_proxies, key, before, record)
        ports = self.sidecar_ports
        if before and before.value.port in SIDECAR_PORTS:
            ports = _counted(ports, (key[0], before.value.port), -1)
        if record and record.value.port in SIDECAR_PORTS:
            ports = _counted(ports, (key[0], record.value.port), 1)
        if record is None:
            return msgspec.structs.replace(
                self,
                sidecar_ports=ports,
                nodes_of_proxies=proxies,
                instances=self.instances.delete(key),
                by_service=by_service,
                by_destination=by_destination,
                by_node=_without(self.by_node, key[0], key),
            )
        return msgspec.structs.replace(
            self,
            sidecar_ports=ports,
            nodes_of_proxies=proxies,
            instances=self.instances.set(key, record),
            by_service=_with(by_service, record.value.service, key, record),
            by_destination=_with(by_destination, record.value.mesh_destination, key, record),
            by_node=_with(self.by_node, key[0], key, record),
        )

    def with_check(self, key: CheckKey, record: Record[Check] | None) -> "Registry":
        before = self.checks.get(key)
        grouped = self.checks_by_instance
        if before and (not record or record.value.service_id != before.value.service_id):
            owner = (key[0], before.value.service_id)
            rest = grouped[owner].delete(key[1])
            grouped = grouped.set(owner, rest) if rest else grouped.delete(owner)
        followers = _following(self.followers, key, before, record)
        if record is None:
            return msgspec.structs.replace(
                self,
                checks=self.checks.delete(key),
                checks_by_instance=grouped,
                followers=followers,
            )
        owner = (key[0], record.value.service_id)
        siblings = grouped.get(owner, NO_CHECKS).set(key[1], record)
        return msgspec.structs.replace(
            self,
            checks=self.checks.set(key, record),
            checks_by_instance=grouped.set(owner, siblings),
            followers=followers,
        )


def _with(
    groups: Map[str, Instances], group: str, key: InstanceKey, record: Record[Instance]
) -> Map[str, Instances]:
    if not group:
        return groups
    return groups.set(group, groups.get(group, NO_INSTANCES).set(key, record))


def _without(groups: Map[str, Instances], group: str, key: InstanceKey) -> Map[str, Instances]:
    if not group:
        return groups
    rest = groups[group].delete(key)
    return groups.set(group, rest) if rest else groups.delete(group)


def _proxied(
    nodes: Map[str, frozenset[str]],
    key: InstanceKey,
    before: Record[Instance] | None,
    after: Record[Instance] | None,
) -> Map[str, frozenset[str]]:
    was = before is not None and before.value.kind == CONNECT_PROXY
    is_proxy = after is not None and after.value.kind == CONNECT_PROXY
    if was == is_proxy:
        return nodes
    node, proxy_id = key
    found = nodes.get(proxy_id, frozenset())
    found = found | {node} if is_proxy else found - {node}
    return nodes.set(proxy_id, found) if found else nodes.delete(proxy_id)


def _counted(
    ports: Map[tuple[str, int], int], key: tuple[str, int], by: int
) -> Map[tuple[str, int], int]:
    count = ports.get(key, 0) + by
    return ports.set(key, count) if count else ports.delete(key)


def _following(
    followers: Map[InstanceKey, frozenset[CheckKey]],
    key: CheckKey,
    before: Record[Check] | None,
    after: Record[Check] | None,
) -> Map[InstanceKey, frozenset[CheckKey]]:
    old = before.value.definition.followed if before else None
    new = after.value.definition.followed if after else None
    if old == new:
        return followers
    if old:
        rest = followers[old] - {key}
        followers = followers.set(old, rest) if rest else followers.delete(old)
    return followers.set(new, followers.get(new, frozenset()) | {key}) if new else followers
