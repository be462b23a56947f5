"""What Prometheus is told of the traffic."""

import time

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest

from meshcore.golden_signals import GoldenSignals
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Latency, Throughput
from tests.traffic.reports import calls, denied, report


def scraped(traffic: Traffic) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(GoldenSignals(traffic))
    lines = generate_latest(registry).decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def test_every_service_has_its_rate_errors_latency_and_denials() -> None:
    traffic = Traffic()
    said = report(calls(45), calls(5, code="503"), denied(10, destination="api"))
    said = replace(
        said,
        latencies=(Latency("web", "api", (50.0, 100.0), (0, 50, 0)),),
        throughputs=(Throughput("web", "api", 700, 300, 4),),
    )
    traffic.take(said, now_s=time.time())
    assert scraped(traffic) == {
        'tulle_service_calls_per_second{service="api"}': pytest.approx(50),
        'tulle_service_denied_calls_per_second{service="api"}': pytest.approx(10),
        'tulle_service_error_ratio{service="api"}': 0.1,
        'tulle_service_latency_seconds{quantile="0.5",service="api"}': 0.075,
        'tulle_service_latency_seconds{quantile="0.95",service="api"}': 0.0975,
        'tulle_service_latency_seconds{quantile="0.99",service="api"}': 0.0995,
        'tulle_service_connections{service="api"}': 4,
        'tulle_service_bytes_per_second{service="api"}': pytest.approx(1000),
    }


def test_of_what_nobody_reports_any_more_nothing_is_said() -> None:
    traffic = Traffic()
    traffic.take(report(calls(45)), now_s=time.time() - 60)
    assert scraped(traffic) == {}
