"""What Envoy counts of the calls that reach it, by caller and by what decided; telemetry reads it.

The caller is whom its certificate proves, and the names of the decisions are those that the RBAC
filter was given (intentions/leaves.py). Nothing is written per call. Which stats there are, and
their tags, is an agreement with whoever reads them: the names stand here and in telemetry/names.py.

Connections are counted when they end, since only then Envoy knows whether they were refused: its
network RBAC decides at the client's first byte. How many are open is a gauge, for which the
published protos have no message yet.
"""

from typing import TypeAlias

from envoy.config.accesslog.v3 import accesslog_pb2
from envoy.data.accesslog.v3 import accesslog_pb2 as log_types
from envoy.extensions.access_loggers.stats.v3 import stats_pb2
from envoy.type.matcher.v3 import metadata_pb2, value_pb2

from meshcore.xds.resources import delimited, packed

AccessLog: TypeAlias = accesslog_pb2.AccessLog
Config: TypeAlias = stats_pb2.Config

PREFIX = "tulle"  # what the bootstrap's sink sends
SOURCE = ("source", "%DOWNSTREAM_PEER_URI_SAN%")
FLAGS = ("flags", "%RESPONSE_FLAGS%")
HTTP_RBAC = "envoy.filters.http.rbac"
DECIDED = "enforced_effective_policy_id"
RESULT = "enforced_engine_result"
GAUGES_FIELD = b"\x2a"  # field 5 of stats.v3.Config, since Envoy 1.37
PAIRED_FIELD = b"\x22"  # field 4 of its Gauge: when to add, and when to subtract


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
    """Connections, for which the filter that has this logs the beginning as well as the end."""
    decided = ("rule", "%DYNAMIC_METADATA(envoy.filters.network.rbac:" + DECIDED + ")%")
    details = ("details", "%CONNECTION_TERMINATION_DETAILS%")
    ended = _counted("connections", SOURCE, FLAGS, decided, details)
    at_the_end = _logger(Config(stat_prefix=PREFIX, counters=[ended, *_bytes()]))
    at_the_end.filter.log_type_filter.types.append(log_types.TcpConnectionEnd)
    return [at_the_end, _logger(_with_gauge(Config(stat_prefix=PREFIX)))]


def _logger(config: Config) -> AccessLog:
    return AccessLog(name="envoy.access_loggers.stats", typed_config=packed(config))


def _counted(name: str, *tags: tuple[str, str]) -> Config.Counter:
    return Config.Counter(stat=_stat(name, *tags), value_fixed={"value": 1})


def _bytes() -> list[Config.Counter]:
    return [
        Config.Counter(stat=_stat("sent", SOURCE), value_format="%BYTES_SENT%"),
        Config.Counter(stat=_stat("received", SOURCE), value_format="%BYTES_RECEIVED%"),
    ]


def _duration() -> Config.Histogram:
    return Config.Histogram(
        stat=_stat("duration", SOURCE),
        unit=Config.Histogram.Milliseconds,
        value_format="%DURATION%",
    )


def _stat(name: str, *tags: tuple[str, str]) -> Config.Stat:
    return Config.Stat(
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


def _with_gauge(config: Config) -> Config:
    """Connections that are open: one more when it reaches the application, one less at its end.

    An Envoy that does not know gauges passes over the field.
    """
    like_a_counter = Config.Counter(stat=_stat("open", SOURCE), value_fixed={"value": 1})
    paired = bytes((0x08, log_types.TcpUpstreamConnected, 0x10, log_types.TcpConnectionEnd))
    gauge = like_a_counter.SerializeToString(deterministic=True) + delimited(PAIRED_FIELD, paired)
    config.MergeFromString(delimited(GAUGES_FIELD, gauge))
    return config
