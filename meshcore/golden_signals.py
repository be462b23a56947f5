"""The golden signals for Prometheus: how much every service is called, how well and how fast.

They are gauges, for each server knows the traffic of all: every server says the same, and nothing
is to be added up over servers. Of what nobody reports any more nothing is said.
"""

import time
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from meshcore.traffic.live import Traffic
from meshcore.traffic.types import EdgeTraffic

QUANTILES = (("0.5", "p50_ms"), ("0.95", "p95_ms"), ("0.99", "p99_ms"))


class GoldenSignals(Collector):
    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def describe(self) -> Iterable[Metric]:
        return families()

    def collect(self) -> Iterable[Metric]:
        found = families()
        for service, shown in sorted(self._traffic.vertices(now_s=time.time()).items()):
            if not shown.is_stale:
                add(found, service, shown)
        return found


def add(found: tuple[GaugeMetricFamily, ...], service: str, shown: EdgeTraffic) -> None:
    rate, denied, errors, latency, connections, transferred = found
    for family, value in (
        (rate, shown.rate),
        (denied, shown.denied_rate),
        (errors, shown.error_ratio),
        (connections, shown.connections),
        (transferred, shown.bytes_per_s),
    ):
        if value is not None:
            family.add_metric([service], value)
    for quantile, field in QUANTILES:
        milliseconds = getattr(shown, field)
        if milliseconds is not None:
            latency.add_metric([service, quantile], milliseconds / 1000)


def families() -> tuple[GaugeMetricFamily, ...]:
    return (
        gauge("calls_per_second", "Calls that were let through to a service, a second."),
        gauge("denied_calls_per_second", "Calls to a service that an intention refused, a second."),
        gauge("error_ratio", "Share of errors in the calls that were let through."),
        gauge("latency_seconds", "How long calls of a service take, estimated.", "quantile"),
        gauge("connections", "Connections to a service that are open."),
        gauge("bytes_per_second", "Bytes to and from a service, a second."),
    )


def gauge(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    said = f"{said} Of the last ten seconds; every server says the same."
    return GaugeMetricFamily(f"tulle_service_{name}", said, labels=["service", *labels])
