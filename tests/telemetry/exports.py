"""Exports as an Envoy's stats sink writes them."""

from collections.abc import Mapping

from meshcore.telemetry import otlp_pb2 as otlp

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
    temporality: otlp.Temporality = otlp.DELTA,
) -> otlp.Metric:
    point = otlp.Number(
        as_int=count,
        attributes=attributes(tags),
        start_time_unix_nano=END - SECOND,
        time_unix_nano=END,
    )
    summed = otlp.Sum(data_points=[point], aggregation_temporality=temporality)
    return otlp.Metric(name=name, sum=summed)


def duration(
    tags: Mapping[str, str], bounds: tuple[float, ...], counts: tuple[int, ...]
) -> otlp.Metric:
    point = otlp.Durations(
        explicit_bounds=bounds,
        bucket_counts=counts,
        attributes=attributes(tags),
        start_time_unix_nano=END - SECOND,
        time_unix_nano=END,
    )
    histogram = otlp.Histogram(data_points=[point], aggregation_temporality=otlp.DELTA)
    return otlp.Metric(name="tulle.duration", histogram=histogram)


def export(*metrics: otlp.Metric) -> bytes:
    scope = otlp.ScopeMetrics(metrics=metrics)
    resource = otlp.ResourceMetrics(scope_metrics=[scope])
    whole = otlp.Export(resource_metrics=[resource])
    return whole.SerializeToString()


def attributes(tags: Mapping[str, str]) -> list[otlp.KeyValue]:
    return [
        otlp.KeyValue(key=key, value=otlp.AnyValue(string_value=value))
        for key, value in tags.items()
    ]
