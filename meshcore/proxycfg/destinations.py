"""How a proxy treats the services that it calls: the settings of four places, merged.

An upstream's own config decides first, then the override that the calling service's defaults have
for this destination, then their defaults for all destinations, then what is built in.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from meshcore.config_entries.types import PassiveHealthCheck, UpstreamLimits, UpstreamTuning
from meshcore.lib.durations import nanoseconds, parse
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh
from meshcore.proxycfg.config import integer, optional_integer, table, text
from meshcore.proxycfg.types import Destination, Limits, OutlierDetection, UpstreamListener
from meshcore.registry.types import Proxy, Upstream

CONNECT_TIMEOUT_MS = 5000
LOOPBACK = "127.0.0.1"


def callable_upstreams(proxy: Proxy, *, datacenter: str) -> Iterator[Upstream]:
    """The upstreams to services of this datacenter, the first for each place to listen at."""
    places = set()
    for upstream in proxy.upstreams:
        place = (upstream.local_bind_address, upstream.local_bind_port)
        where = place if upstream.local_bind_port else upstream.local_bind_socket_path
        is_here = upstream.datacenter in ("", datacenter)
        if where and where not in places and is_here and upstream.destination_type == "service":
            places.add(where)
            yield upstream


def destination(mesh: Mesh, upstream: Upstream, *, caller: str) -> Destination:
    tunings = tuple(_tunings(mesh, caller, upstream.destination_name))
    limits = table(upstream.config, "limits")
    detection = table(upstream.config, "passive_health_check")
    timeouts = [integer(upstream.config, "connect_timeout_ms")]
    timeouts += [tuning.connect_timeout_ms for tuning in tunings]
    texts = [text(upstream.config, "envoy_cluster_json")]
    texts += [tuning.envoy_cluster_json for tuning in tunings]
    return Destination(
        service=upstream.destination_name,
        protocol=_protocol(mesh, upstream, tunings),
        connect_timeout_ms=next(filter(None, timeouts), CONNECT_TIMEOUT_MS),
        limits=_limits_of(limits) if limits else _limits(tunings),
        outlier_detection=_detection_of(detection) if detection else _detection(tunings),
        cluster_json=next(filter(None, texts), ""),
    )


def listener(mesh: Mesh, upstream: Upstream, *, caller: str) -> UpstreamListener:
    tunings = tuple(_tunings(mesh, caller, upstream.destination_name))
    texts = [text(upstream.config, "envoy_listener_json")]
    texts += [tuning.envoy_listener_json for tuning in tunings]
    balances = [text(upstream.config, "balance_outbound_connections")]
    balances += [tuning.balance_outbound_connections for tuning in tunings]
    return UpstreamListener(
        destination=upstream.destination_name,
        protocol=_protocol(mesh, upstream, tunings),
        address=upstream.local_bind_address or LOOPBACK,
        port=upstream.local_bind_port,
        socket_path="" if upstream.local_bind_port else upstream.local_bind_socket_path,
        socket_mode=upstream.local_bind_socket_mode,
        balance_connections=next(filter(None, balances), "") == "exact_balance",
        listener_json=next(filter(None, texts), ""),
    )


def _tunings(mesh: Mesh, caller: str, callee: str) -> Iterator[UpstreamTuning]:
    """The most particular first."""
    defaults = mesh.config_entries.service_defaults(caller)
    if defaults is None or defaults.upstream_config is None:
        return
    yield from (o for o in defaults.upstream_config.overrides if o.name == callee and not o.peer)
    if defaults.upstream_config.defaults is not None:
        yield defaults.upstream_config.defaults


def _protocol(mesh: Mesh, upstream: Upstream, tunings: tuple[UpstreamTuning, ...]) -> str:
    said = [text(upstream.config, "protocol")]
    said += [tuning.protocol for tuning in tunings]
    own = next(filter(None, said), "")
    return own.lower() or mesh.config_entries.protocol(upstream.destination_name)


def _limits(tunings: tuple[UpstreamTuning, ...]) -> Limits:
    found = next((tuning.limits for tuning in tunings if tuning.limits), UpstreamLimits())
    return Limits(
        max_connections=found.max_connections,
        max_pending_requests=found.max_pending_requests,
        max_concurrent_requests=found.max_concurrent_requests,
    )


def _limits_of(config: Mapping[str, Any]) -> Limits:
    return Limits(
        max_connections=optional_integer(config, "max_connections"),
        max_pending_requests=optional_integer(config, "max_pending_requests"),
        max_concurrent_requests=optional_integer(config, "max_concurrent_requests"),
    )


def _detection(tunings: tuple[UpstreamTuning, ...]) -> OutlierDetection | None:
    check: PassiveHealthCheck | None = next(
        (tuning.passive_health_check for tuning in tunings if tuning.passive_health_check), None
    )
    if check is None:
        return None
    return OutlierDetection(
        interval_s=_seconds(check.interval),
        max_failures=check.max_failures or None,
        enforcing_percent=check.enforcing_consecutive_5xx,
        max_ejection_percent=check.max_ejection_percent,
        base_ejection_s=_seconds(check.base_ejection_time),
    )


def _detection_of(config: Mapping[str, Any]) -> OutlierDetection:
    return OutlierDetection(
        interval_s=_seconds(config.get("interval")),
        max_failures=optional_integer(config, "max_failures"),
        enforcing_percent=optional_integer(config, "enforcing_consecutive_5xx"),
        max_ejection_percent=optional_integer(config, "max_ejection_percent"),
        base_ejection_s=_seconds(config.get("base_ejection_time")),
    )


def _seconds(duration: object) -> float | None:
    """Text is a duration such as 10s, a number is Go's nanoseconds."""
    if isinstance(duration, int) and duration > 0:
        return nanoseconds(duration).total_seconds()
    if not isinstance(duration, str) or not duration:
        return None
    try:
        return parse(duration).total_seconds() or None
    except InvalidError:
        return None
