"""What Consul asks of the entries that something in the mesh reads."""

import re
from collections.abc import Iterable, Iterator, Mapping

from meshcore.config_entries.problems import Problem
from meshcore.config_entries.types import (
    GLOBAL,
    PROTOCOLS,
    PassiveHealthCheck,
    ProxyDefaults,
    ServiceDefaults,
    UpstreamConfig,
    UpstreamLimits,
    UpstreamTuning,
    consul_name,
)
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError

MOST_META_PAIRS = 64
META_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
LONGEST_META_VALUE = 512

MODES = ("", "direct", "transparent")
MUTUAL_TLS_MODES = ("", "strict", "permissive")
MESH_GATEWAY_MODES = ("", "none", "local", "remote")
BALANCES = ("", "exact_balance")


def service_defaults_problems(entry: ServiceDefaults) -> Iterator[Problem]:
    if not entry.name:
        yield Problem(("Name",), "is required")
    if entry.name == "*":
        yield Problem(("Name",), "must be one service: defaults of all are in proxy-defaults")
    yield from protocol_problems(entry.protocol, at=("Protocol",))
    yield from not_negative(
        entry, "max_inbound_connections", "local_connect_timeout_ms", "local_request_timeout_ms"
    )
    yield from one_of(entry.balance_inbound_connections, BALANCES, at="BalanceInboundConnections")
    yield from shared_problems(entry)
    if entry.upstream_config:
        for problem in upstream_config_problems(entry.upstream_config):
            yield problem.under("UpstreamConfig")


def proxy_defaults_problems(entry: ProxyDefaults) -> Iterator[Problem]:
    if entry.name != GLOBAL:
        yield Problem(("Name",), f'must be {GLOBAL}, not "{entry.name}"')
    protocol = entry.config.get("protocol", "")
    yield from protocol_problems(str(protocol).lower(), at=("Config", "protocol"))
    yield from shared_problems(entry)


def shared_problems(entry: ServiceDefaults | ProxyDefaults) -> Iterator[Problem]:
    yield from one_of(entry.mode, MODES, at="Mode")
    yield from one_of(entry.mutual_tls_mode, MUTUAL_TLS_MODES, at="MutualTLSMode")
    yield from mesh_gateway_problems(entry.mesh_gateway)
    yield from meta_problems(entry.meta)


def upstream_config_problems(config: UpstreamConfig) -> Iterator[Problem]:
    if config.defaults:
        if config.defaults.name:
            yield Problem(("Defaults", "Name"), "must be empty: defaults are for all upstreams")
        for problem in tuning_problems(config.defaults):
            yield problem.under("Defaults")
    seen = set()
    for index, tuning in enumerate(config.overrides):
        if not tuning.name:
            yield Problem(("Overrides", index, "Name"), "is required")
        if (tuning.name, tuning.peer) in seen:
            yield Problem(("Overrides", index, "Name"), f'stands twice: "{tuning.name}"')
        seen.add((tuning.name, tuning.peer))
        for problem in tuning_problems(tuning):
            yield problem.under("Overrides", index)


def tuning_problems(tuning: UpstreamTuning) -> Iterator[Problem]:
    yield from protocol_problems(tuning.protocol.lower(), at=("Protocol",))
    yield from not_negative(tuning, "connect_timeout_ms")
    yield from one_of(
        tuning.balance_outbound_connections, BALANCES, at="BalanceOutboundConnections"
    )
    yield from mesh_gateway_problems(tuning.mesh_gateway)
    if tuning.limits:
        names = ("max_connections", "max_pending_requests", "max_concurrent_requests")
        for problem in not_negative(tuning.limits, *names):
            yield problem.under("Limits")
    if tuning.passive_health_check:
        for problem in passive_problems(tuning.passive_health_check):
            yield problem.under("PassiveHealthCheck")


def passive_problems(check: PassiveHealthCheck) -> Iterator[Problem]:
    yield from not_negative(check, "max_failures")
    percents = (
        ("EnforcingConsecutive5xx", check.enforcing_consecutive_5xx),
        ("MaxEjectionPercent", check.max_ejection_percent),
    )
    for name, percent in percents:
        if percent is not None and not 0 <= percent <= 100:
            yield Problem((name,), f"must be from 0 to 100, not {percent}")
    for name, text in (
        ("Interval", check.interval),
        ("BaseEjectionTime", check.base_ejection_time),
    ):
        if not text:
            continue
        try:
            duration = durations.parse(text)
        except InvalidError as error:
            yield Problem((name,), str(error))
            continue
        if duration.total_seconds() < 0:
            yield Problem((name,), f"must not be negative: {text}")


def protocol_problems(protocol: str, *, at: tuple[str, ...]) -> Iterator[Problem]:
    if protocol and protocol not in PROTOCOLS:
        yield Problem(at, f'must be one of {", ".join(PROTOCOLS)}, not "{protocol}"')


def mesh_gateway_problems(mesh_gateway: Mapping[str, object]) -> Iterator[Problem]:
    mode = mesh_gateway.get("Mode", "")
    for problem in one_of(str(mode), MESH_GATEWAY_MODES, at="Mode"):
        yield problem.under("MeshGateway")


def meta_problems(meta: Mapping[str, str]) -> Iterator[Problem]:
    if len(meta) > MOST_META_PAIRS:
        yield Problem(("Meta",), f"has {len(meta)} pairs: {MOST_META_PAIRS} at most")
    for key, value in meta.items():
        # Dots and slashes: Consul's own Kubernetes controller writes such a key.
        if not META_KEY.fullmatch(key.removeprefix("consul.hashicorp.com/")):
            yield Problem(("Meta", key), "keys are up to 128 letters, digits, _ and -")
        if len(value) > LONGEST_META_VALUE:
            yield Problem(("Meta", key), f"values have at most {LONGEST_META_VALUE} characters")


def not_negative(
    document: ServiceDefaults | UpstreamTuning | UpstreamLimits | PassiveHealthCheck, *names: str
) -> Iterator[Problem]:
    for name in names:
        value = getattr(document, name)
        if value is not None and value < 0:
            yield Problem((consul_name(name),), f"must not be negative: {value}")


def one_of(value: str, allowed: Iterable[str], *, at: str) -> Iterator[Problem]:
    if value not in allowed:
        words = ", ".join(word for word in allowed if word)
        yield Problem((at,), f'must be one of {words}, not "{value}"')
