"""Checks as clients register them: an agent's check types, and the catalog's health checks."""

from typing import cast

import msgspec

from meshcore.registry.checks import type_of
from meshcore.registry.types import Check, CheckDefinition, Status
from meshcore.wire.decoding import DurationIn, seconds
from meshcore.wire.errors import Refusal
from meshcore.wire.names import In


class CheckIn(In, frozen=True, kw_only=True):
    """An agent's check; durations as Go writes them."""

    id: str = ""
    check_id: str = ""
    name: str = ""
    notes: str = ""
    status: str = ""
    service_id: str = ""
    script_args: list[str] | None = msgspec.field(default=None, name="Args")
    script_args_long: list[str] | None = msgspec.field(default=None, name="ScriptArgs")
    http: str = ""
    method: str = ""
    header: dict[str, list[str]] | None = None
    body: str = ""
    tls_server_name: str = ""
    tls_skip_verify: bool = False
    disable_redirects: bool | None = None
    tcp: str = ""
    tcp_use_tls: bool = False
    udp: str = ""
    grpc: str = ""
    grpc_use_tls: bool = False
    h2ping: str = ""
    h2ping_use_tls: bool | None = None
    ttl: DurationIn = None
    alias_node: str = ""
    alias_service: str = ""
    interval: DurationIn = None
    timeout: DurationIn = None
    success_before_passing: int = 0
    failures_before_warning: int = 0
    failures_before_critical: int = 0
    deregister_critical_service_after: DurationIn = None
    output_max_size: int = 0


class DefinitionIn(In, frozen=True, kw_only=True):
    """The Definition of a check in the catalog, for those who run it."""

    http: str = ""
    tls_server_name: str = ""
    tls_skip_verify: bool = False
    header: dict[str, list[str]] | None = None
    method: str = ""
    body: str = ""
    disable_redirects: bool | None = None
    tcp: str = ""
    tcp_use_tls: bool = False
    udp: str = ""
    h2ping: str = ""
    grpc: str = ""
    grpc_use_tls: bool = False
    interval: DurationIn = None
    timeout: DurationIn = None
    ttl: DurationIn = None
    deregister_critical_service_after: DurationIn = None
    interval_duration: DurationIn = None
    timeout_duration: DurationIn = None
    deregister_critical_service_after_duration: DurationIn = None


class CatalogCheckIn(In, frozen=True, kw_only=True):
    node: str = ""
    check_id: str = ""
    name: str = ""
    status: str = ""
    notes: str = ""
    output: str = ""
    service_id: str = ""
    service_name: str = ""
    type: str = ""
    interval: str = ""
    timeout: str = ""
    definition: DefinitionIn | None = None


def check_of(given: CheckIn, *, node: str, check_id: str, name: str) -> Check:
    """The check of an agent: critical until it has been run, unless the client says otherwise."""
    definition = _agent_definition(given, node=node)
    return Check(
        node=node,
        id=check_id,
        name=name,
        status=_status(given.status),
        notes=given.notes,
        service_id=given.service_id,
        type=type_of(definition),
        definition=definition,
    )


def catalog_check_of(given: CatalogCheckIn, *, node: str) -> Check:
    """A check as somebody else has run it; without a service's id it is about the whole node.

    The id stands for the name and the other way round.
    """
    if given.node and given.node.lower() != node.lower():
        raise Refusal(400, f'check node "{given.node}" does not match node "{node}"')
    return Check(
        node=node,
        id=given.check_id or given.name,
        name=given.name or given.check_id,
        status=_status(given.status),
        notes=given.notes,
        output=given.output,
        service_id=given.service_id,
        service=given.service_name,
        type=given.type,
        definition=_definition(given.definition) if given.definition else CheckDefinition(),
    )


def _agent_definition(given: CheckIn, *, node: str) -> CheckDefinition:
    return CheckDefinition(
        http=given.http,
        method=given.method,
        header={name: tuple(values) for name, values in (given.header or {}).items()},
        body=given.body,
        tls_server_name=given.tls_server_name,
        tls_skip_verify=given.tls_skip_verify,
        disable_redirects=given.disable_redirects is True,
        follows_redirects=given.disable_redirects is False,
        tcp=given.tcp,
        tcp_use_tls=given.tcp_use_tls,
        udp=given.udp,
        grpc=given.grpc,
        grpc_use_tls=given.grpc_use_tls,
        h2ping=given.h2ping,
        h2ping_use_tls=bool(given.h2ping) and given.h2ping_use_tls is not False,
        script_args=tuple(given.script_args_long or given.script_args or ()),
        ttl_s=seconds(given.ttl, what="TTL"),
        alias_node=given.alias_node or (node if given.alias_service else ""),
        alias_service=given.alias_service,
        interval_s=seconds(given.interval, what="Interval"),
        timeout_s=seconds(given.timeout, what="Timeout"),
        success_before_passing=given.success_before_passing,
        failures_before_warning=given.failures_before_warning,
        failures_before_critical=given.failures_before_critical,
        deregister_critical_after_s=seconds(
            given.deregister_critical_service_after, what="DeregisterCriticalServiceAfter"
        ),
        output_max_size=given.output_max_size or CheckDefinition().output_max_size,
    )


def _definition(given: DefinitionIn) -> CheckDefinition:
    after = (
        given.deregister_critical_service_after or given.deregister_critical_service_after_duration
    )
    return CheckDefinition(
        http=given.http,
        tls_server_name=given.tls_server_name,
        tls_skip_verify=given.tls_skip_verify,
        header={name: tuple(values) for name, values in (given.header or {}).items()},
        method=given.method,
        body=given.body,
        disable_redirects=given.disable_redirects is True,
        follows_redirects=given.disable_redirects is False,
        tcp=given.tcp,
        tcp_use_tls=given.tcp_use_tls,
        udp=given.udp,
        h2ping=given.h2ping,
        grpc=given.grpc,
        grpc_use_tls=given.grpc_use_tls,
        interval_s=seconds(given.interval or given.interval_duration, what="Interval"),
        timeout_s=seconds(given.timeout or given.timeout_duration, what="Timeout"),
        ttl_s=seconds(given.ttl, what="TTL"),
        deregister_critical_after_s=seconds(after, what="DeregisterCriticalServiceAfter"),
    )


def _status(text: str) -> Status:
    """Validation refuses what is no status; critical is what nobody has looked at."""
    return cast("Status", text or "critical")
