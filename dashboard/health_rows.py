"""Checks as the pages of nodes, services and instances show them."""

from collections.abc import Iterable, Sequence

import msgspec

from meshcore.lib.records import Record
from meshcore.registry.health import WEIGHT, aggregate, is_maintenance
from meshcore.registry.heartbeats import Heartbeats, Noted
from meshcore.registry.types import Check, Instance
from meshcore.registry.view import Registry
from meshcore.topology.services import sidecar


class CheckRow(msgspec.Struct, frozen=True):
    id: str
    name: str
    status: str
    type: str
    output: str
    notes: str
    target: str  # what is probed, or who tells
    is_of_node: bool
    history: Sequence[Noted]  # what it found before, newest first


def concerning(registry: Registry, instance: Instance) -> list[Record[Check]]:
    """Those of its node, its own and its sidecar's: who calls it needs all three."""
    records = list(registry.checks_concerning(instance.key))
    proxy = sidecar(registry, instance)
    return records + list(registry.checks_of(proxy.key).values()) if proxy else records


def check_rows(records: Iterable[Record[Check]], heard: Heartbeats) -> list[CheckRow]:
    """The worst first, then by name; `heard` has outputs that are newer than the mesh."""
    checks = sorted(
        (record.value for record in records),
        key=lambda check: (-WEIGHT[check.status], check.name, check.id),
    )
    return [check_row(check, heard) for check in checks]


def check_row(check: Check, heard: Heartbeats) -> CheckRow:
    return CheckRow(
        id=check.id,
        name=check.name,
        status="maintenance" if is_maintenance(check) else check.status,
        type=check.type,
        output=heard.output(check.key, check.output).strip(),
        notes=check.notes,
        target=target(check),
        is_of_node=not check.service_id,
        history=heard.history(check.key),
    )


def target(check: Check) -> str:
    """Where the status comes from, in a few words."""
    definition = check.definition
    probed = definition.http or definition.tcp or definition.grpc or definition.udp
    if probed:
        return f"{probed} every {definition.interval_s:g} s" if definition.interval_s else probed
    if definition.ttl_s:
        return f"told by the service at least every {definition.ttl_s:g} s"
    if definition.followed:
        return f"follows {definition.alias_service or definition.alias_node}"
    return ""


def health(records: Iterable[Record[Check]]) -> str:
    return aggregate(record.value for record in records)
