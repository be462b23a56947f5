"""Exports as an Envoy's stats sink writes them."""

from collections.abc import Mapping

from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2

DELTA = metrics_pb2.AGGREGATION_TEMPORALITY_DELTA
CUMULATIVE = metrics_pb2.AGGREGATION_TEMPORALITY_CUMULATIVE
DOMAIN = "11111111-2222-3333-4444-555555555555.consul"
SECOND = 1_000_000_000
END = 1_800_000_000 * SECOND


def spiffe(service: str, domain: str = DOMAIN) -> str:
    return f"spiffe://{domain}/ns/default/dc/dc1/svc/{service}"


def total(
    name: str,
    count: int,
    tags: Mapping[str, str],
    *,
    temporality: metrics_pb2.AggregationTemporality.ValueType = DELTA,
) -> metrics_pb2.Metric:
    point = metrics_pb2.NumberDataPoint(
        as_int=count,
        attributes=attributes(tags),
        start_time_unix_nano=END - SECOND,
        time_unix_nano=END,
    )
    summed = metrics_pb2.Sum(data_points=[point], aggregation_temporality=temporality)
    return metrics_pb2.Metric(name=name, sum=summed)


def duration(
    tags: Mapping[str, str], bounds: tuple[float, ...], counts: tuple[int, ...]
) -> metrics_pb2.Metric:
    point = metrics_pb2.HistogramDataPoint(
        explicit_bounds=bounds,
        bucket_counts=counts,
        attributes=attributes(tags),
        start_time_unix_nano=END - SECOND,
        time_unix_nano=END,
    )
    histogram = metrics_pb2.Histogram(data_points=[point], aggregation_temporality=DELTA)
    return metrics_pb2.Metric(name="tulle.duration", histogram=histogram)


def export(*metrics: metrics_pb2.Metric) -> bytes:
    scope = metrics_pb2.ScopeMetrics(metrics=metrics)
    resource = metrics_pb2.ResourceMetrics(scope_metrics=[scope])
    whole = metrics_service_pb2.ExportMetricsServiceRequest(resource_metrics=[resource])
    return whole.SerializeToString()


def attributes(tags: Mapping[str, str]) -> list[common_pb2.KeyValue]:
    return [
        common_pb2.KeyValue(key=key, value=common_pb2.AnyValue(string_value=value))
        for key, value in tags.items()
    ]
