"""What Envoy counts of the calls that reach it, by caller and by what decided; telemetry reads it.

The caller is whom its certificate proves, and the names of the decisions are those that the RBAC
filter was given (intentions/leaves.py). Nothing is written per call. The names of the stats and of
their tags are an agreement with telemetry/reading.py.

Connections are counted when they end: only then Envoy knows whether they were refused, as its
network RBAC decides at the client's first byte. Those that are open are counted once a second, when
each logs that it still is; gauges that connections raise and lower would have to know the caller
when a connection begins, and it is known when its handshake is done. What they transfer is told by
Envoy's own counters of the listener, of all callers together, since it is no use hours later.
"""

from typing import TypeAlias

from envoy.config.accesslog.v3 import accesslog_pb2
from envoy.data.accesslog.v3 import accesslog_pb2 as log_types
from envoy.extensions.access_loggers.filters.cel.v3 import cel_pb2
from envoy.extensions.access_loggers.stats.v3 import stats_pb2
from envoy.type.matcher.v3 import metadata_pb2, value_pb2

from meshcore.xds.resources import packed

AccessLog: TypeAlias = accesslog_pb2.AccessLog
Config: TypeAlias = stats_pb2.Config
Counter: TypeAlias = stats_pb2.Config.Counter
Histogram: TypeAlias = stats_pb2.Config.Histogram
Stat: TypeAlias = stats_pb2.Config.Stat

PREFIX = "tulle"  # what the bootstrap's sink sends
SOURCE = ("source", "%DOWNSTREAM_PEER_URI_SAN%")
FLAGS = ("flags", "%RESPONSE_FLAGS%")
HTTP_RBAC = "envoy.filters.http.rbac"
DECIDED = "enforced_effective_policy_id"
RESULT = "enforced_engine_result"


def of_http(*, is_grpc: bool) -> list[AccessLog]:
    """Requests; how long they took is counted of those alone that were let through."""
    status = "%GRPC_STATUS_NUMBER%" if is_grpc else "%RESPONSE_CODE%"
    decided = ("rule", f"%DYNAMIC_METADATA({HTTP_RBAC}:{DECIDED})%")
    result = ("result", f"%DYNAMIC_METADATA({HTTP_RBAC}:{RESULT})%")
    protocol = ("protocol", "grpc" if is_grpc else "http")
    requests = _counted("requests", protocol, SOURCE, ("code", status), FLAGS, decided, result)
    durations = _logger(Config(stat_prefix=PREFIX, histograms=[_duration()]))
    durations.filter.metadata_filter.CopyFrom(_let_through())
    return [_logger(Config(stat_prefix=PREFIX, counters=[requests, *_bytes()])), durations]


def of_tcp() -> list[AccessLog]:
    """Connections at their end; those that are open once a second."""
    details = ("details", "%CONNECTION_TERMINATION_DETAILS%")
    ended = Config(stat_prefix=PREFIX, counters=[_counted("ended", SOURCE, FLAGS, details)])
    is_open = Config(stat_prefix=PREFIX, counters=[_counted("open", SOURCE)])
    loggers = [_logger(ended), _logger(is_open)]
    for logger, when in zip(
        loggers, (log_types.TcpConnectionEnd, log_types.TcpPeriodic), strict=True
    ):
        logger.filter.and_filter.filters.extend([_at(when), _has_proved_itself()])
    return loggers


def _logger(config: Config) -> AccessLog:
    return AccessLog(name="envoy.access_loggers.stats", typed_config=packed(config))


def _at(when: log_types.AccessLogType) -> accesslog_pb2.AccessLogFilter:
    return accesslog_pb2.AccessLogFilter(log_type_filter={"types": [when]})


def _has_proved_itself() -> accesslog_pb2.AccessLogFilter:
    """Envoy names the caller by the certificate that was shown, even when it was not good."""
    is_good = cel_pb2.ExpressionFilter(expression="!has(connection.transport_failure_reason)")
    extension = accesslog_pb2.ExtensionFilter(
        name="envoy.access_loggers.extension_filters.cel", typed_config=packed(is_good)
    )
    return accesslog_pb2.AccessLogFilter(extension_filter=extension)


def _counted(name: str, *tags: tuple[str, str]) -> Counter:
    return Counter(stat=_stat(name, *tags), value_fixed={"value": 1})


def _bytes() -> list[Counter]:
    return [
        Counter(stat=_stat("sent", SOURCE), value_format="%BYTES_SENT%"),
        Counter(stat=_stat("received", SOURCE), value_format="%BYTES_RECEIVED%"),
    ]


def _duration() -> Histogram:
    return Histogram(
        stat=_stat("duration", SOURCE),
        unit=Histogram.Milliseconds,
        value_format="%DURATION%",
    )


def _stat(name: str, *tags: tuple[str, str]) -> Stat:
    return Stat(
        name=name,
        tags=[Config.Tag(name=tag, value_format=value) for tag, value in tags],
    )


def _let_through() -> accesslog_pb2.MetadataFilter:
    return accesslog_pb2.MetadataFilter(
        matcher=metadata_pb2.MetadataMatcher(
            filter=HTTP_RBAC,
            path=[metadata_pb2.MetadataMatcher.PathSegment(key=RESULT)],
            value=value_pb2.ValueMatcher(string_match={"exact": "allowed"}),
        ),
    )
