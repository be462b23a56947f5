"""Health checks as Consul writes them."""

from datetime import timedelta

from msgspec import UNSET, UnsetType

from meshcore.lib.durations import render
from meshcore.lib.records import Record
from meshcore.registry.checks import POLLED
from meshcore.registry.types import Check, CheckDefinition
from meshcore.wire.names import Out

# What an agent runs itself it does not show; the definitions of others are for those who run them.
RUN_BY_AGENTS = (*POLLED, "ttl", "alias", "maintenance")


class DefinitionOut(Out, frozen=True, kw_only=True):
    http: str | UnsetType = UNSET
    tls_server_name: str | UnsetType = UNSET
    tls_skip_verify: bool | UnsetType = UNSET
    header: dict[str, tuple[str, ...]] | UnsetType = UNSET
    method: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    disable_redirects: bool | UnsetType = UNSET
    tcp: str | UnsetType = UNSET
    tcp_use_tls: bool | UnsetType = UNSET
    udp: str | UnsetType = UNSET
    h2ping: str | UnsetType = UNSET
    grpc: str | UnsetType = UNSET
    grpc_use_tls: bool | UnsetType = UNSET
    script_args: tuple[str, ...] | UnsetType = UNSET
    interval: str | UnsetType = UNSET
    timeout: str | UnsetType = UNSET
    ttl: str | UnsetType = UNSET
    deregister_critical_service_after: str | UnsetType = UNSET


class CheckOut(Out, frozen=True, kw_only=True):
    node: str
    check_id: str
    name: str
    status: str
    notes: str
    output: str
    service_id: str
    service_name: str
    service_tags: tuple[str, ...]
    type: str
    interval: str
    timeout: str
    exposed_port: int = 0
    definition: DefinitionOut
    create_index: int
    modify_index: int


NO_DEFINITION = DefinitionOut()


def check_out(record: Record[Check], *, output: str | None = None) -> CheckOut:
    check = record.value
    definition = check.definition
    is_shown = check.type not in RUN_BY_AGENTS and definition != CheckDefinition()
    return CheckOut(
        node=check.node,
        check_id=check.id,
        name=check.name,
        status=check.status,
        notes=check.notes,
        output=check.output if output is None else output,
        service_id=check.service_id,
        service_name=check.service,
        service_tags=check.service_tags,
        type=check.type,
        interval=_duration(definition.interval_s),
        timeout=_duration(definition.timeout_s),
        definition=_definition_out(definition) if is_shown else NO_DEFINITION,
        create_index=record.create_index,
        modify_index=record.modify_index,
    )


def _definition_out(definition: CheckDefinition) -> DefinitionOut:
    return DefinitionOut(
        http=definition.http or UNSET,
        tls_server_name=definition.tls_server_name or UNSET,
        tls_skip_verify=definition.tls_skip_verify or UNSET,
        header=definition.header or UNSET,
        method=definition.method or UNSET,
        body=definition.body or UNSET,
        disable_redirects=definition.disable_redirects or UNSET,
        tcp=definition.tcp or UNSET,
        tcp_use_tls=definition.tcp_use_tls or UNSET,
        udp=definition.udp or UNSET,
        h2ping=definition.h2ping or UNSET,
        grpc=definition.grpc or UNSET,
        grpc_use_tls=definition.grpc_use_tls or UNSET,
        script_args=definition.script_args or UNSET,
        interval=_duration(definition.interval_s) or UNSET,
        timeout=_duration(definition.timeout_s) or UNSET,
        ttl=_duration(definition.ttl_s) or UNSET,
        deregister_critical_service_after=_duration(definition.deregister_critical_after_s)
        or UNSET,
    )


def _duration(seconds: float) -> str:
    return render(timedelta(seconds=seconds)) if seconds else ""
