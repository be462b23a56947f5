"""What an export is read as."""

import pytest

from meshcore.lib.errors import InvalidError
from meshcore.telemetry import otlp_pb2 as otlp
from meshcore.telemetry.reading import MOST_POINTS, Reporter, read
from meshcore.traffic.types import Counted, Latency, Report, Throughput
from tests.telemetry.exports import DOMAIN, END, duration, export, spiffe, total

API = Reporter(
    service="api",
    instance=("node-1", "api-1"),
    trust_domain=DOMAIN,
    leaf_toward=lambda source: f"{source}>api@5",
)
REQUEST = {"protocol": "http", "code": "200", "flags": "-", "rule": "web>api@7#0"}


def counted(source: str, count: int, **other: object) -> Counted:
    fields: dict[str, object] = {
        "source": source,
        "destination": "api",
        "protocol": "http",
        "code": "200",
        "flags": "",
        "leaf": "web>api@7#0",
        "is_denied": False,
        "count": count,
    }
    return Counted(**(fields | other))  # type: ignore[arg-type]


def test_an_export_is_read_whole() -> None:
    web = {"source": spiffe("web")}
    message = export(
        total("tulle.requests", 50, REQUEST | web | {"result": "allowed"}),
        total("tulle.requests", 2, REQUEST | web | {"code": "403", "result": "denied"}),
        duration(web, (1.0, 5.0), (40, 9, 1)),
        total("tulle.sent", 4000, web),
        total("tulle.received", 300, web),
        total("cluster.other", 9, web),
    )
    assert read(message, API) == Report(
        service="api",
        instance=("node-1", "api-1"),
        interval_s=1.0,
        counted=(counted("web", 50), counted("web", 2, code="403", is_denied=True)),
        latencies=(
            Latency(source="web", destination="api", bounds_ms=(1.0, 5.0), counts=(40, 9, 1)),
        ),
        throughputs=(Throughput(source="web", destination="api", sent=4000, received=300),),
        number=END,
    )


def test_connections_are_let_through_or_refused_and_no_handshake_is_a_call() -> None:
    refused = {"details": "rbac_access_denied_matched_policy[default>api]"}
    message = export(
        total("tulle.ended", 4, {"source": spiffe("web"), "flags": "-", "details": ""}),
        total("tulle.ended", 3, {"source": spiffe("shop"), "flags": "-"} | refused),
        total("tulle.ended", 2, {"source": "", "flags": "-", "details": ""}),
        total("tulle.open", 6, {"source": spiffe("web")}),
    )
    report = read(message, API)
    tcp = {"protocol": "tcp", "code": ""}
    assert report.counted == (
        counted("web", 4, leaf="web>api@5", **tcp),
        counted("shop", 3, leaf="default>api", is_denied=True, **tcp),
    )
    assert report.throughputs == (
        Throughput(source="web", destination="api", sent=0, received=0, connections=6),
    )


OF_TCP = {"envoy.tcp_prefix": "public_listener"}


def test_what_connections_transfer_is_shared_among_their_callers() -> None:
    message = export(
        total("tulle.open", 2, {"source": spiffe("web")}),
        total("tulle.open", 1, {"source": spiffe("shop")}),
        total("tcp.downstream_cx_tx_bytes_total", 1000, OF_TCP),
        total("tcp.downstream_cx_rx_bytes_total", 10, OF_TCP),
        total("tcp.downstream_cx_rx_bytes_total", 7, {"envoy.tcp_prefix": "upstream.db"}),
    )
    assert read(message, API).throughputs == (
        Throughput(source="web", destination="api", sent=666, received=6, connections=2),
        Throughput(source="shop", destination="api", sent=334, received=4, connections=1),
    )


def test_what_is_transferred_before_any_connection_is_told_of_is_nobody_s() -> None:
    message = export(total("tcp.downstream_cx_tx_bytes_total", 1000, OF_TCP))
    assert read(message, API).throughputs == (
        Throughput(source="", destination="api", sent=1000, received=0),
    )


@pytest.mark.parametrize(
    "uri",
    [
        "",
        spiffe("web", domain="another.consul"),
        f"spiffe://{DOMAIN}/agent/client/dc/dc1/id/web",
        f"{spiffe('web')},{spiffe('shop')}",
        "web",
    ],
)
def test_who_proves_no_identity_of_this_mesh_is_nobody(uri: str) -> None:
    report = read(export(total("tulle.requests", 1, REQUEST | {"source": uri})), API)
    assert report.counted == (counted("", 1),)


def test_totals_since_the_start_are_not_counted_again_and_again() -> None:
    message = export(
        total(
            "tulle.requests", 50, REQUEST | {"source": spiffe("web")}, temporality=otlp.CUMULATIVE
        )
    )
    assert read(message, API).counted == ()


def test_what_is_no_export_is_refused() -> None:
    with pytest.raises(InvalidError, match="this is no OTLP export of metrics"):
        read(b"\xff\xff\xff", API)


def test_an_export_of_too_many_points_is_refused_and_not_looked_at() -> None:
    many = [
        total("tulle.requests", 1, REQUEST | {"source": spiffe(f"s{number}")})
        for number in range(MOST_POINTS + 1)
    ]
    with pytest.raises(InvalidError, match="more than 5000 points"):
        read(export(*many), API)
