"""What one export of an Envoy's says: OTLP, as its stats sink writes it (xds/counting.py).

Who reports is known before the message is looked at; the callers in it are those that proved who
they are to that Envoy, and what is no identity of this trust domain is nobody's.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from google.protobuf.message import DecodeError

from meshcore.certificates import spiffe
from meshcore.lib.errors import InvalidError
from meshcore.registry.types import InstanceKey
from meshcore.telemetry import otlp_pb2 as otlp
from meshcore.traffic.types import (
    UNPROVED,
    Counted,
    Latency,
    Report,
    Throughput,
    TrafficProtocol,
)

MOST_POINTS = 5000  # of one export; each stands for a caller, a status and a decision
USUAL_INTERVAL_S = 1.0
LONGEST_INTERVAL_S = 60.0
NANOSECONDS = 1_000_000_000
NONE = "-"  # what Envoy says where there is nothing to say
REFUSED = re.compile(r"rbac_access_denied_matched_policy\[(.*)\]")
PROTOCOLS: dict[str, TrafficProtocol] = {"http": "http", "grpc": "grpc"}

TCP_PREFIX = "envoy.tcp_prefix"
PUBLIC_LISTENER = "public_listener"

Tags = dict[str, str]
Point = otlp.Number | otlp.Durations


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """The proxy that sent it. `leaf_toward` names what decides a TCP connection that a service
    opens: Envoy tells it of those alone that it refuses."""

    service: str
    instance: InstanceKey
    trust_domain: str
    leaf_toward: Callable[[str], str]


class Flow(msgspec.Struct):
    sent: int = 0
    received: int = 0
    connections: int | None = None  # as often as they said that they are open
    ended: int = 0


class Reading:
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.counted: list[Counted] = []
        self.latencies: list[Latency] = []
        self.flows: dict[str, Flow] = {}
        self.of_tcp = Flow()  # of all callers together
        self.began = 0
        self.ended = 0
        self._sources: dict[str, str] = {}

    def requests(self, tags: Tags, count: int) -> None:
        protocol = PROTOCOLS.get(tags.get("protocol", ""))
        if protocol is None:
            return
        self._count(
            tags,
            protocol=protocol,
            code=_said(tags, "code"),
            leaf=_said(tags, "rule"),
            is_denied=tags.get("result") == "denied",
            count=count,
        )

    def connections(self, tags: Tags, count: int) -> None:
        """One without an identity got no further than the handshake, as health checks do."""
        source = self._source(tags)
        refused = REFUSED.match(tags.get("details", ""))
        if source == UNPROVED and refused is None:
            return
        leaf = refused.group(1) if refused else self.reporter.leaf_toward(source)
        is_denied = refused is not None
        self._count(tags, protocol="tcp", code="", leaf=leaf, is_denied=is_denied, count=count)
        if not is_denied:
            self._flow(tags).ended += count

    def sent(self, tags: Tags, count: int) -> None:
        self._flow(tags).sent += count

    def received(self, tags: Tags, count: int) -> None:
        self._flow(tags).received += count

    def sent_by_tcp(self, tags: Tags, count: int) -> None:
        if tags.get(TCP_PREFIX) == PUBLIC_LISTENER:
            self.of_tcp.sent += count

    def received_by_tcp(self, tags: Tags, count: int) -> None:
        if tags.get(TCP_PREFIX) == PUBLIC_LISTENER:
            self.of_tcp.received += count

    def open(self, tags: Tags, count: int) -> None:
        flow = self._flow(tags)
        flow.connections = (flow.connections or 0) + count

    def duration(self, tags: Tags, point: otlp.Durations) -> None:
        if len(point.bucket_counts) != len(point.explicit_bounds) + 1:
            return
        self.latencies.append(
            Latency(
                source=self._source(tags),
                destination=self.reporter.service,
                bounds_ms=tuple(point.explicit_bounds),
                counts=tuple(point.bucket_counts),
            )
        )

    def report(self) -> Report:
        interval_s = (self.ended - self.began) / NANOSECONDS if self.began else USUAL_INTERVAL_S
        interval_s = min(max(interval_s, 0.1), LONGEST_INTERVAL_S)
        self._share_tcp()
        return Report(
            service=self.reporter.service,
            instance=self.reporter.instance,
            interval_s=interval_s,
            counted=tuple(self.counted),
            latencies=tuple(self.latencies),
            throughputs=tuple(self._throughputs(interval_s)),
            number=self.ended,
        )

    def _share_tcp(self) -> None:
        """Envoy tells of connections while they are open only what all of them have transferred:
        each is taken to have its share, and what came before any was told of is nobody's."""
        if not self.of_tcp.sent and not self.of_tcp.received:
            return
        weights = {s: (f.connections or 0) + f.ended for s, f in self.flows.items()}
        shared, whole = 0, sum(weights.values())
        for source, weight in (weights if whole else {UNPROVED: 1}).items():
            before, shared = shared, shared + weight
            flow = self.flows.setdefault(source, Flow())
            flow.sent += part(self.of_tcp.sent, before, shared, whole or 1)
            flow.received += part(self.of_tcp.received, before, shared, whole or 1)

    def _throughputs(self, interval_s: float) -> Iterator[Throughput]:
        """Each open connection says once a second that it is: so often since the last report."""
        for source, flow in self.flows.items():
            is_open = flow.connections
            yield Throughput(
                source=source,
                destination=self.reporter.service,
                sent=flow.sent,
                received=flow.received,
                connections=None if is_open is None else max(1, round(is_open / interval_s)),
            )

    def _count(
        self,
        tags: Tags,
        *,
        protocol: TrafficProtocol,
        code: str,
        leaf: str,
        is_denied: bool,
        count: int,
    ) -> None:
        self.counted.append(
            Counted(
                source=self._source(tags),
                destination=self.reporter.service,
                protocol=protocol,
                code=code,
                flags=_said(tags, "flags"),
                leaf=leaf,
                is_denied=is_denied,
                count=count,
            )
        )

    def _flow(self, tags: Tags) -> Flow:
        return self.flows.setdefault(self._source(tags), Flow())

    def _source(self, tags: Tags) -> str:
        uri = tags.get("source", "")
        known = self._sources.get(uri)
        if known is None:
            known = self._sources[uri] = service_of(uri, trust_domain=self.reporter.trust_domain)
        return known


def read(message: bytes, reporter: Reporter) -> Report:
    """Raise InvalidError for what is no export, or for one that is too long to be looked at."""
    try:
        export = otlp.Export.FromString(message)
    except DecodeError as error:
        raise InvalidError("this is no OTLP export of metrics") from error
    reading, looked_at = Reading(reporter), 0
    totals = {
        "tulle.requests": reading.requests,
        "tulle.ended": reading.connections,
        "tulle.sent": reading.sent,
        "tulle.received": reading.received,
        "tulle.open": reading.open,
        "tcp.downstream_cx_tx_bytes_total": reading.sent_by_tcp,
        "tcp.downstream_cx_rx_bytes_total": reading.received_by_tcp,
    }
    for metric in metrics(export):
        is_duration = metric.name == "tulle.duration"
        total = totals.get(metric.name)
        if total is None and not is_duration:
            continue
        data = metric.histogram if is_duration else metric.sum
        points: Sequence[Point] = data.data_points
        looked_at += len(points)
        if looked_at > MOST_POINTS:
            raise InvalidError(f"an export of more than {MOST_POINTS} points is not looked at")
        if not points or data.aggregation_temporality != otlp.DELTA:
            continue  # a total since the start would be counted again with every report
        _note_time(reading, points[0])  # Envoy gives all of one flush the same
        for point in points:
            tags = _tags(point.attributes)
            if isinstance(point, otlp.Durations):
                reading.duration(tags, point)
            elif total:
                total(tags, point.as_int or int(point.as_double))
    return reading.report()


def metrics(export: otlp.Export) -> Iterator[otlp.Metric]:
    for resource in export.resource_metrics:
        for scope in resource.scope_metrics:
            yield from scope.metrics


def part(amount: int, begin: int, end: int, whole: int) -> int:
    """What lies between the two; all parts together are the amount."""
    return amount * end // whole - amount * begin // whole


def service_of(uri: str, *, trust_domain: str) -> str:
    try:
        identity = spiffe.parse(uri, trust_domain=trust_domain)
    except InvalidError:
        return UNPROVED
    return identity.service if isinstance(identity, spiffe.ServiceId) else UNPROVED


def _note_time(reading: Reading, point: Point) -> None:
    reading.ended = max(reading.ended, point.time_unix_nano)
    if point.start_time_unix_nano:
        reading.began = max(reading.began, point.start_time_unix_nano)


def _tags(attributes: Iterable[otlp.KeyValue]) -> Tags:
    return {each.key: each.value.string_value for each in attributes}


def _said(tags: Tags, name: str) -> str:
    said = tags.get(name, "")
    return "" if said == NONE else said
