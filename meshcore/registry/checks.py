"""How checks are named, and what time does to their status."""

from collections.abc import Collection

from meshcore.lib.errors import InvalidError
from meshcore.registry.types import Check, CheckDefinition, Status

# The order decides when a definition names several, as it does for Consul.
TYPES = (
    ("http", "http"),
    ("ttl_s", "ttl"),
    ("tcp", "tcp"),
    ("udp", "udp"),
    ("grpc", "grpc"),
    ("h2ping", "h2ping"),
    ("script_args", "script"),
    ("alias_node", "alias"),
)
POLLED = ("http", "tcp", "udp", "grpc", "h2ping", "script")
RUN_BY_SERVER = ("http", "tcp", "udp", "grpc", "h2ping")
WAY_OUT = {"script": ": `tulle agent` runs them where enable_local_script_checks is set"}
MIN_INTERVAL_S = 1.0
MIN_DEREGISTER_S = 60.0
TTL_EXPIRED = "TTL expired"


def check_id(service_id: str, number: int | None = None) -> str:
    """The only check of an instance has no number."""
    return f"service:{service_id}" if number is None else f"service:{service_id}:{number}"


def type_of(definition: CheckDefinition) -> str:
    """How the status is found out, or nothing when whoever registered it tells."""
    return next((name for field, name in TYPES if getattr(definition, field)), "")


def kind_of(check: Check) -> str:
    """Whoever writes to the catalog need not name the type."""
    return check.type or type_of(check.definition)


def check_definition(definition: CheckDefinition, *, runs: Collection[str] = RUN_BY_SERVER) -> None:
    """Refuse what no agent could run, and what is not run here."""
    kind = type_of(definition)
    if not kind:
        raise InvalidError("Invalid check: a TTL, an alias or one of HTTP, TCP, ... must be set")
    if kind in POLLED and definition.interval_s <= 0:
        raise InvalidError("Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks")
    if kind in POLLED and kind not in runs:
        way_out = WAY_OUT.get(kind, "")
        raise InvalidError(f"Invalid check: {kind} checks are not run here{way_out}")
    if definition.ttl_s < 0 or definition.timeout_s < 0:
        raise InvalidError("Invalid check: durations must not be negative")
    if definition.output_max_size < 1:
        raise InvalidError("Invalid check: MaxOutputMaxSize must be positive")


def deregister_after_s(definition: CheckDefinition) -> float:
    """How long it may be critical before its service goes; zero means for ever."""
    after_s = definition.deregister_critical_after_s
    return max(after_s, MIN_DEREGISTER_S) if after_s > 0 else 0.0


def is_due_to_expire(check: Check, *, deadline_s: float, now_s: float) -> bool:
    return check.status != "critical" and now_s >= deadline_s


def next_status(
    *, current: Status, probed: Status, successes: int, failures: int, definition: CheckDefinition
) -> Status:
    """A status holds until its thresholds are met; the counts are of consecutive results so far."""
    if probed != "critical":
        return probed if successes >= definition.success_before_passing else current
    if failures >= definition.failures_before_critical:
        return "critical"
    if definition.failures_before_warning and failures >= definition.failures_before_warning:
        return "warning"
    return current
